"""IdentityService, AuthMetadataService and ClusterService: who and where, on one machine."""

from __future__ import annotations

import getpass
from typing import Any

from flyteidl2.auth import auth_service_connect, identity_connect
from flyteidl2.auth import auth_service_pb2 as auth_pb
from flyteidl2.auth import identity_pb2 as identity_pb
from flyteidl2.cluster import payload_pb2 as cluster_pb
from flyteidl2.cluster import service_connect as cluster_connect

from local_platform.authorization import caller
from local_platform.authorization.authority import Authority
from local_platform.context import LOCAL_USER, Call
from local_platform.errors import unimplemented


class IdentityService(identity_connect.IdentityService):  # type: ignore[misc]
    def __init__(self, authority: Authority | None) -> None:
        self._authority = authority

    async def user_info(
        self, request: identity_pb.UserInfoRequest, ctx: Call
    ) -> identity_pb.UserInfoResponse:
        """Who calls: the token's person or program, else the developer at this machine."""
        token = caller.token()
        if token is None or self._authority is None:
            name = _login_name()
            return identity_pb.UserInfoResponse(
                subject=LOCAL_USER, name=name, preferred_username=name
            )
        person = self._authority.person(token.subject)
        claims: dict[str, Any] = {"groups": list(token.groups)}
        if person is None:  # a program that acts for itself
            return identity_pb.UserInfoResponse(
                subject=token.subject, name=token.client_id, additional_claims=claims
            )
        return identity_pb.UserInfoResponse(
            subject=person.subject,
            name=person.name,
            preferred_username=person.subject,
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            additional_claims=claims,
        )


class AuthMetadataService(auth_service_connect.AuthMetadataService):  # type: ignore[misc]
    """How to sign in; without an authority there is nothing to sign in to."""

    def __init__(self, authority: Authority | None) -> None:
        self._authority = authority

    async def get_public_client_config(
        self, request: auth_pb.GetPublicClientConfigRequest, ctx: Call
    ) -> auth_pb.GetPublicClientConfigResponse:
        if self._authority is not None:
            return auth_pb.GetPublicClientConfigResponse(**self._authority.public_client())
        return auth_pb.GetPublicClientConfigResponse(
            client_id="flytectl",
            redirect_uri="http://localhost:53593/callback",
            scopes=["all"],
            authorization_metadata_key="authorization",
        )

    async def get_o_auth2_metadata(
        self, request: auth_pb.GetOAuth2MetadataRequest, ctx: Call
    ) -> auth_pb.GetOAuth2MetadataResponse:
        if self._authority is None:
            raise unimplemented("this platform has no authorization server: it needs no sign-in")
        known = auth_pb.GetOAuth2MetadataResponse.DESCRIPTOR.fields_by_name
        said = {name: value for name, value in self._authority.metadata().items() if name in known}
        return auth_pb.GetOAuth2MetadataResponse(**said)


class ClusterService(cluster_connect.ClusterService):  # type: ignore[misc]
    async def select_cluster(
        self, request: cluster_pb.SelectClusterRequest, ctx: Call
    ) -> cluster_pb.SelectClusterResponse:
        """An empty endpoint: the client keeps the one that it has.

        UNIMPLEMENTED for inputs of triggers: the SDK then puts them into the trigger, where they
        can be seen and edited. Stored apart they would be told to nobody.
        """
        if request.operation == request.OPERATION_UPLOAD_TRIGGER:
            raise unimplemented("inputs of triggers are kept in the triggers")
        return cluster_pb.SelectClusterResponse(cluster="local")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without an account, as in some containers
        return LOCAL_USER
