"""Connection settings from `.flyte/config.yaml` and from the environment, typed.

A variable wins over the file, a key of the file is found by its path (`admin.endpoint`). Either
may be missing altogether.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from remote_client._client.auth.api_key import ApiKey
from remote_client._client.auth.options import AuthOptions, AuthType
from remote_client._client.endpoint import Endpoint

__all__ = ["ConfigError", "ConnectionConfig", "find_config_file"]

T = TypeVar("T")

_SECTIONS = {"admin", "console", "task", "image", "local"}
_TRUE = {"true", "t", "yes", "y", "on", "1"}
_FALSE = {"false", "f", "no", "n", "off", "0"}
# Hosts of development clusters, which answer in plaintext when nothing else is said in a cluster.
_CLUSTER_LOCAL_HOSTS = {"host.docker.internal"}
_IN_CLUSTER_ENDPOINT = "_U_EP_OVERRIDE"
_API_KEY_VARIABLES = ("FLYTE_API_KEY", "EAGER_API_KEY", "_UNION_EAGER_API_KEY")


class ConfigError(ValueError):
    """A configuration file or variable cannot be used; the message names it."""


@dataclass(frozen=True, kw_only=True)
class ConnectionConfig:
    """Where to connect, in what scope, and how to sign in. `repr` shows no secret.

    endpoint: None when neither the file nor the environment names a platform.
    console_endpoint: where links lead, when the console has an address of its own.
    auth: also holds the CA file, skip-verify and the HTTP proxy.
    source: the file that was read, if any.
    """

    endpoint: Endpoint | None = None
    org: str | None = None
    project: str | None = None
    domain: str | None = None
    console_endpoint: str | None = None
    auth: AuthOptions = field(default_factory=AuthOptions)
    api_key: ApiKey | None = None
    source: Path | None = None

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        home: Path | None = None,
    ) -> ConnectionConfig:
        """Read the settings; an API key in `FLYTE_API_KEY` decides endpoint and sign-in.

        path: a file instead of the usual ones (`find_config_file`). env, cwd, home: instead of
        the process's own. Reads files, so not for an event loop. Raises ConfigError and
        EndpointError, which are ValueErrors.
        """
        env = os.environ if env is None else env
        source = Path(path) if path is not None else find_config_file(env, cwd, home)
        settings = _Settings(_read_file(source) if source else {}, env, source)
        return _connection(settings, source)


def find_config_file(
    env: Mapping[str, str] | None = None, cwd: Path | None = None, home: Path | None = None
) -> Path | None:
    """The first of: `config.yaml`, `.flyte/config.yaml` here, the same in the git root,
    `$UCTL_CONFIG`, `$FLYTECTL_CONFIG`, `~/.union/config.yaml`, `~/.flyte/config.yaml`.

    A `config.yaml` in the working directory that belongs to something else is passed over.
    Raises ConfigError when a variable names a file that does not exist.
    """
    env, cwd, home = env or {}, cwd or Path.cwd(), home or Path.home()
    for candidate in _project_files(cwd):
        if candidate.is_file():
            return candidate
    for variable in ("UCTL_CONFIG", "FLYTECTL_CONFIG"):
        if named := env.get(variable):
            if not Path(named).expanduser().is_file():
                raise ConfigError(f"{variable} names {named}, which is no file.")
            return Path(named).expanduser()
    own = (home / ".union" / "config.yaml", home / ".flyte" / "config.yaml")
    return next((candidate for candidate in own if candidate.is_file()), None)


def _project_files(cwd: Path) -> Iterator[Path]:
    if _is_flyte_config(cwd / "config.yaml"):
        yield cwd / "config.yaml"
    yield cwd / ".flyte" / "config.yaml"
    for folder in (cwd, *cwd.parents):
        if (folder / ".git").exists():
            yield folder / ".flyte" / "config.yaml"
            return


def _is_flyte_config(path: Path) -> bool:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(values, dict) and bool(_SECTIONS & values.keys())


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The config file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, yaml.YAMLError) as error:
        # The parser's own text may quote lines that hold secrets.
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigError(f"The config file {path} is no valid YAML{where}.") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"The config file {path} must hold sections such as admin and task.")
    return values


@dataclass(frozen=True)
class _Settings:
    """The file's keys and the variables, behind one typed door."""

    file: Mapping[str, Any] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    source: Path | None

    def find(self, key: str, *variables: str) -> tuple[str, Any]:
        """Where the setting is said, and its raw value; ("", None) when it is not.

        `variables` are tried before the name that the SDK derives from the key.
        """
        derived = "FLYTE_" + key.replace(".", "_").upper()
        in_cluster = tuple(
            name for name in variables if name.startswith(("_U_", "FLYTE_INTERNAL_"))
        )
        own = tuple(name for name in variables if name not in in_cluster)
        for name in (*own, derived, *in_cluster):
            if self.env.get(name, "").strip():
                return name, self.env[name].strip()
        section, _, name = key.partition(".")
        values = self.file.get(section)
        if isinstance(values, dict) and values.get(name) not in (None, ""):
            return key, values[name]
        return "", None

    def text(self, key: str, *variables: str) -> str | None:
        return self._typed(_text, key, *variables)

    def flag(self, key: str, *variables: str) -> bool | None:
        return self._typed(_flag, key, *variables)

    def words(self, key: str, *variables: str) -> tuple[str, ...] | None:
        return self._typed(_words, key, *variables)

    def path(self, key: str, *variables: str) -> Path | None:
        said = self.text(key, *variables)
        return Path(said).expanduser() if said else None

    def _typed(self, parse: Callable[[str, Any], T], key: str, *variables: str) -> T | None:
        where, value = self.find(key, *variables)
        if value is None:
            return None
        in_file = f" in {self.source}" if where == key else ""
        return parse(f"{where}{in_file}", value)


def _connection(settings: _Settings, source: Path | None) -> ConnectionConfig:
    key = _api_key(settings)
    auth = _auth_options(settings)
    return ConnectionConfig(
        endpoint=key.endpoint if key else _endpoint(settings),
        org=(key and key.org) or settings.text("task.org", "_U_ORG_NAME"),
        project=settings.text("task.project", "FLYTE_INTERNAL_EXECUTION_PROJECT"),
        domain=settings.text("task.domain", "FLYTE_INTERNAL_EXECUTION_DOMAIN"),
        console_endpoint=settings.text("console.endpoint"),
        auth=key.auth_options(auth) if key else auth,
        api_key=key,
        source=source,
    )


def _api_key(settings: _Settings) -> ApiKey | None:
    for name in _API_KEY_VARIABLES:
        if text := settings.env.get(name, "").strip():
            try:
                return ApiKey.decode(text)
            except ValueError as error:
                raise ConfigError(f"{name}: {error}") from None
    return None


def _endpoint(settings: _Settings) -> Endpoint | None:
    variables = ("FLYTE_ENDPOINT", _IN_CLUSTER_ENDPOINT)
    text = settings.text("admin.endpoint", *variables)
    if text is None:
        return None
    where = settings.find("admin.endpoint", *variables)[0]
    flag_where = settings.find("admin.insecure", "FLYTE_INSECURE", "_U_INSECURE")[0]
    insecure = settings.flag("admin.insecure", "FLYTE_INSECURE", "_U_INSECURE")
    if _says_plain_or_tls(text) and (where in settings.env) != (flag_where in settings.env):
        # The flag was meant for the endpoint of the other place; this one speaks for itself.
        insecure = None
    endpoint = Endpoint.parse(text, insecure=insecure)
    if where == _IN_CLUSTER_ENDPOINT and insecure is None:
        local = endpoint.is_loopback or endpoint.host in _CLUSTER_LOCAL_HOSTS
        if local and not _says_plain_or_tls(text):
            return Endpoint.parse(text, insecure=True)
    return endpoint


def _says_plain_or_tls(text: str) -> bool:
    return text.lower().startswith(("http://", "https://", "grpc://", "grpcs://"))


def _auth_options(settings: _Settings) -> AuthOptions:
    auth_type = settings.text("admin.authType", "FLYTE_AUTH_TYPE")
    secret = _client_secret(settings)
    try:
        # A configured secret decides, as in the SDK.
        kind = AuthType.CLIENT_SECRET if secret else auth_type and AuthType.parse(auth_type)
    except ValueError as error:
        where = settings.find("admin.authType", "FLYTE_AUTH_TYPE")[0]
        raise ConfigError(f"{where}: {error}") from None
    if kind is AuthType.CLIENT_SECRET and not secret:
        raise ConfigError(
            "The auth type is ClientSecret, but there is no secret: set admin.clientSecretLocation "
            "to a file that holds it, or admin.clientSecretEnvVar to a variable that does."
        )
    return AuthOptions(
        auth_type=kind or None,
        client_id=settings.text("admin.clientId"),
        client_secret=secret,
        scopes=settings.words("admin.scopes"),
        audience=settings.text("admin.audience"),
        command=settings.words("admin.command", "FLYTE_AUTH_COMMAND") or (),
        proxy_command=settings.words("admin.proxyCommand", "FLYTE_AUTH_PROXY_COMMAND") or (),
        ca_cert_file=settings.path("admin.caCertFilePath", "FLYTE_CA_CERT"),
        insecure_skip_verify=bool(
            settings.flag(
                "admin.insecureSkipVerify", "FLYTE_INSECURE_SKIP_VERIFY", "_U_INSECURE_SKIP_VERIFY"
            )
        ),
        http_proxy_url=settings.text("admin.httpProxyURL"),
        disable_keyring=bool(settings.flag("admin.disableKeyring")),
    )


def _client_secret(settings: _Settings) -> str | None:
    """From the named file, else from the named variable, where either exists."""
    location = settings.path("admin.clientSecretLocation")
    if location is not None and location.is_file():
        try:
            return location.read_text(encoding="utf-8").strip() or None
        except (OSError, ValueError) as error:
            raise ConfigError(f"The client secret in {location} cannot be read.") from error
    variable = settings.text("admin.clientSecretEnvVar")
    return (settings.env.get(variable, "").strip() or None) if variable else None


def _text(where: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # YAML reads an unquoted 123 as a number
    raise ConfigError(f"{where} must be text, not {type(value).__name__}.")


def _flag(where: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ConfigError(f"{where} must be true or false, not {str(value)[:40]!r}.")
    return word in _TRUE


def _words(where: str, value: Any) -> tuple[str, ...]:
    """A list: from YAML, a JSON array in text, or shell words. The value is never repeated."""
    if isinstance(value, str):
        value = _split(where, value)
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise ConfigError(f"{where} must be a list of texts.")
    return tuple(str(item) for item in value)


def _split(where: str, text: str) -> Any:
    try:
        if text.lstrip().startswith("["):
            return json.loads(text)
        # Commas are taken for spaces only where they cannot be part of a command line.
        return shlex.split(text.replace(",", " ") if "scopes" in where.lower() else text)
    except ValueError:
        raise ConfigError(f"{where} is neither a JSON list nor words as in a shell.") from None
