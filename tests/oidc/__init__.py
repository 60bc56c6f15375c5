"""What the authentication tests run against: a scripted HTTP server, a foreign authorization
server, a gRPC server that wants a bearer token, and a browser without a window."""
