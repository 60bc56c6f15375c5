"""A server that misbehaves as the real open-source backend does, and the client against it.

The facts are those of the Go code: each deviation from what a client would like is on purpose here.
`server.QuirksServer` is what tests start, `world.World` is what they put into it.
"""
