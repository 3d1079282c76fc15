"""The settings of the console for people who look at review cases."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from biometrics.errors import ConfigurationInvalid
from infra.setting_fields import PREFIX, check_together, setting


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class ConsoleSettings:
    """A part of `infra.settings.Settings`, read by `biofusion console` alone."""

    console_host: str = setting("127.0.0.1", "address that the console listens on", rare=True)
    console_port: int = setting(8050, "port that it listens on; 0 takes a free one", 0, 65535, rare=True)
    console_origin: str = setting(
        "", "its address in browsers, e.g. `https://console.example.org`; default: this machine's", rare=True
    )
    console_tls_certificate: str = setting("", "PEM file of the certificate that it shows to browsers", rare=True)
    console_tls_key: str = setting("", "PEM file of its private key", rare=True)
    console_fusion_target: str = setting("127.0.0.1:50050", "where it finds the fusion service", rare=True)
    console_review_target: str = setting(
        "", "where it finds the review service; default: where the fusion service is", rare=True
    )
    console_token_file: str = setting("", "file of the token that it shows to them", rare=True)
    console_purpose: str = setting("", "purpose that it states with calls, as the policy names it", rare=True)
    console_users_file: str = setting(
        "",
        "file of local users, as `biofusion console add-user` makes it; default: in the user's data directory",
        rare=True,
    )
    console_oidc_issuer: str = setting(
        "", "OpenID provider by which people log in, `https://…`; default: none, local users only", rare=True
    )
    console_oidc_client_id: str = setting("", "name of the console there", rare=True)
    console_oidc_secret_file: str = setting("", "file of its secret there; default: none, a public client", rare=True)
    console_oidc_roles: str = setting(
        "roles", "claim whose values `reviewer`, `supervisor` and `operator` say what a person may do", rare=True
    )
    console_idle_min: float = setting(15.0, "time after which an unused login ends, minutes", 1, 480, rare=True)
    console_session_h: float = setting(8.0, "time after which any login ends, hours", 0.1, 24, rare=True)
    console_sessions: int = setting(2, "logins of one person at once; a further one ends the oldest", 1, 20, rare=True)
    console_picture_origin: str = setting(
        "",
        "where it fetches pictures by their references, e.g. `https://images.internal/pictures/`; default: nowhere",
        rare=True,
    )
    console_picture_authority: str = setting(
        "", "PEM file of the authority of that server; default: those of the machine", rare=True
    )
    console_metrics: str = setting(
        "",
        "addresses of fusion's metrics, e.g. `http://fusion:9464/metrics`, separated by `,`; default: none",
        rare=True,
    )

    def check_console(self) -> None:
        """Refuse settings of the console that contradict each other or are no addresses.

        Raises:
            ConfigurationInvalid: they do, or are none.
        """
        check_together(self, "console_tls_certificate", "console_tls_key")
        check_together(self, "console_oidc_issuer", "console_oidc_client_id")
        for name in ("console_oidc_issuer", "console_picture_origin", "console_origin"):
            _check_address(name, getattr(self, name))


def _check_address(name: str, address: str) -> None:
    """Refuse an address that is not https, or http on this machine."""
    if not address:
        return
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or parts.query or parts.fragment or not (parts.scheme == "https" or is_local):
        raise ConfigurationInvalid(
            f"{PREFIX}{name.upper()} is {address!r}; https://HOST… is needed, or http:// on this machine."
        )
