"""The settings of TLS, of who may call, and of the record of calls."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import ConfigurationInvalid
from infra.setting_fields import PREFIX, check_together, setting

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of tokens that can be accepted (RFC 7518, RFC 8037): all by a private key, so never `none` or `HS…`."""

CLIENT_VARIABLES = {
    f"{PREFIX}CLIENT_{name}"
    for name in ("SERVER", "AUTHORITY", "CERTIFICATE", "KEY", "TOKEN_FILE", "PURPOSE", "CASE", "OFFICER")
}
"""Variables that the command reads where options are not given (`cli/server_options.py`)."""

_NEEDED = ("token_issuer", "token_audience", "token_keys")


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class CallerSettings:
    """A part of `infra.settings.Settings`."""

    tls_certificate: str = setting("", "PEM file of the certificate; with `TLS_KEY` the server uses TLS")
    tls_key: str = setting("", "PEM file of the private key")
    tls_authority: str = setting("", "PEM file of the authority that fusion trusts when it calls the matching services")
    tls_client_authority: str = setting(
        "", "PEM file of the authority whose certificates callers must show at `PORT`", rare=True
    )
    allowed_callers: str = setting(
        "",
        "who is let in, separated by `,`: SPIFFE ids, `spiffe://DOMAIN/PATH/*`, `ISSUER#SUBJECT`, `ISSUER#*`; default: "
        "all who prove a name, but a matching service needs it",
        rare=True,
    )
    token_issuer: str = setting(
        "", "issuer (`iss`) of the tokens that callers without a certificate send; default: none are taken", rare=True
    )
    token_audience: str = setting("", "audience (`aud`) that a token must be for", rare=True)
    token_keys: str = setting("", "the issuer's public keys (JWKS): `https://…`, or a file", rare=True)
    token_algorithms: str = setting(
        "RS256,PS256,ES256,EdDSA", "signatures that are accepted: RS, PS, ES (256, 384, 512), EdDSA", rare=True
    )
    token_subject: str = setting("sub", "claim that names the caller", rare=True)
    token_port: int = setting(
        -1,
        "another port, for callers with tokens and without a certificate; needed with `TLS_CLIENT_AUTHORITY`; 0 takes "
        "a free one; -1: none",
        -1,
        65535,
        rare=True,
    )

    policy_file: str = setting(
        "", "TOML file that says who may do what, read again when it changes; default: all may do everything", rare=True
    )
    audit_folder: str = setting("", "folder of the audit log, a chain for each process; default: none", rare=True)
    audit_instance: str = setting("", "name of this process's chain, its alone; default: the machine's name", rare=True)
    audit_key_file: str = setting("", "file of the keys that hash subject ids in the audit log", rare=True)
    audit_signing_key_file: str = setting("", "PEM file of the private key that signs the audit log's heads", rare=True)

    @property
    def asks_for_names(self) -> bool:
        """Whether callers must prove a name."""
        return bool(self.tls_client_authority or self.token_issuer)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signatures of tokens that are accepted."""
        return split(self.token_algorithms)

    def check_callers(self) -> None:
        """Refuse settings that contradict each other.

        Raises:
            ConfigurationInvalid: they do.
        """
        check_together(self, "tls_certificate", "tls_key")
        if self.tls_client_authority and not self.tls_certificate:
            _refuse("TLS_CLIENT_AUTHORITY needs {}TLS_CERTIFICATE and {}TLS_KEY.")
        if self.allowed_callers and not self.asks_for_names:
            _refuse("ALLOWED_CALLERS needs {}TLS_CLIENT_AUTHORITY or {}TOKEN_ISSUER, by which callers prove a name.")
        self._check_tokens()

    def check_callers_are_named(self) -> None:
        """Refuse a matching service that would let in everybody with a name: only fusion has business there.

        Raises:
            ConfigurationInvalid: it would.
        """
        if self.asks_for_names and not self.allowed_callers:
            _refuse("ALLOWED_CALLERS is needed by a matching service: the name of fusion, and those of operators.")

    def _check_tokens(self) -> None:
        given = [name for name in _NEEDED if getattr(self, name)]
        if given and len(given) < len(_NEEDED):
            _refuse("TOKEN_ISSUER, {}TOKEN_AUDIENCE and {}TOKEN_KEYS are needed together.")
        unknown = [each for each in self.algorithms if each not in ALGORITHMS]
        if unknown or not self.algorithms:
            _refuse(f"TOKEN_ALGORITHMS is {self.token_algorithms!r}; use some of {', '.join(ALGORITHMS)}.")
        if "#" in self.token_issuer or self.token_issuer.startswith("spiffe:"):
            _refuse("TOKEN_ISSUER must have no #, and be no SPIFFE id: it begins the names of callers.")
        if "://" in self.token_keys and not self.token_keys.startswith("https://"):
            _refuse("TOKEN_KEYS must be https://… or a file: who can change the keys can sign any token.")

    def check_token_port(self) -> None:
        """Refuse a port for tokens that cannot be, or is missing.

        Raises:
            ConfigurationInvalid: so it is.
        """
        if self.token_port >= 0 and not (self.token_issuer and self.tls_client_authority):
            _refuse("TOKEN_PORT needs {}TOKEN_ISSUER and {}TLS_CLIENT_AUTHORITY; without the latter PORT takes tokens.")
        if self.token_issuer and self.tls_client_authority and self.token_port < 0:
            _refuse("TOKEN_PORT is needed: PORT takes only callers with a certificate, so no tokens.")


def split(text: str) -> tuple[str, ...]:
    """The items of a list that is separated by commas."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _refuse(message: str) -> None:
    raise ConfigurationInvalid(PREFIX + message.replace("{}", PREFIX))
