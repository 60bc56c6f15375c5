"""The local platform's own authorization server, and what asks its tokens of callers.

Built on Authlib's framework-neutral server classes: they check requests and choose errors; what
is here gives them storage, people, pages and plain ASGI. `docs/local-authorization.md` tells how
it behaves and why.
"""

import logging

# Authlib writes whole token answers to its debug log. None of that may reach a log of ours,
# whatever level the root logger has.
logging.getLogger("authlib").setLevel(logging.INFO)
