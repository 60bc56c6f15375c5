"""What an interceptor needs of anything that makes credentials."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

__all__ = ["Authenticator", "GrpcAuthMetadata"]


@dataclass(frozen=True)
class GrpcAuthMetadata:
    """What to put on one call.

    pairs: metadata keys (lower case) and values; empty when the call goes out without any.
    generation: how many renewals had ended when the pairs were made. A later renewal than this
        one is news to the call that carried them.
    """

    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    generation: int = 0


class Authenticator(ABC):
    """Makes and renews the credentials of one identity at one platform.

    It may be shared by the interceptors of any number of channels, event loops and threads.
    """

    @abstractmethod
    async def get_grpc_call_auth_metadata(self) -> GrpcAuthMetadata:
        """The metadata for the next call. Renews first when the end of the token is near.

        Raises AuthenticationError, or grpc.aio.AioRpcError when the platform itself has to be
        asked and does not answer.
        """

    @abstractmethod
    async def refresh_credentials(self, used: GrpcAuthMetadata | None = None) -> bool:
        """Get new credentials because the platform refused the ones in `used`.

        Returns whether there is something new to try. Callers who were refused with the same
        credentials share one renewal, and its error. None renews in any case.
        """

    async def sign_out(self) -> None:  # noqa: B027 - most kinds of credentials have nothing to forget
        """Forget the credentials, on this machine too."""

    async def aclose(self) -> None:  # noqa: B027 - most kinds hold nothing open
        """End a sign-in under way. Credentials stay stored."""
