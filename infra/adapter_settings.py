"""The settings of adapters: processes that speak another system's language to its callers, and gRPC to fusion."""

from __future__ import annotations

from dataclasses import dataclass

from infra.setting_fields import check_together, setting


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class AdapterSettings:
    """A part of `infra.settings.Settings`, read by `biofusion osia` and other adapters alone."""

    adapter_host: str = setting("127.0.0.1", "address that an adapter listens on", rare=True)
    adapter_port: int = setting(
        -1,
        "port that it listens on; 0 takes a free one; -1: 8060 osia, 8061 mosip-abis, 9099 mosip-biosdk",
        -1,
        65535,
        rare=True,
    )
    adapter_tls_certificate: str = setting("", "PEM file of the certificate that it shows to its callers", rare=True)
    adapter_tls_key: str = setting("", "PEM file of its private key", rare=True)
    adapter_fusion_target: str = setting("127.0.0.1:50050", "where it finds the fusion service", rare=True)
    adapter_token_file: str = setting("", "file of the token that it shows there", rare=True)
    adapter_purpose: str = setting("", "purpose that it states with calls, as the policy names it", rare=True)
    adapter_max_body_mb: int = setting(64, "largest body of a request, MiB", 1, 1024, rare=True)

    osia_database: str = setting(
        "", "SQLite file of the OSIA adapter; default: `osia.db` in the user's data directory", rare=True
    )
    osia_key_file: str = setting(
        "", "file of the key, of 32 bytes, that seals requests with a callback; default: none are taken", rare=True
    )
    osia_callback_origins: str = setting(
        "",
        "where callbacks may go, e.g. `https://a.org,+https://b.internal` (`+`: also to a private address)",
        rare=True,
    )
    osia_callback_attempts: int = setting(10, "attempts at a callback before RESPONSE_ERROR", 1, 100, rare=True)
    osia_reference_origins: str = setting(
        "", "where `imageRef` and `templateRef` may be fetched from, as above; default: nowhere", rare=True
    )
    osia_drop_data: bool = setting(
        False, "contextual and biographic data of encounters are dropped; else they are refused", rare=True
    )

    mosip_abis_broker: str = setting(
        "127.0.0.1:61613",
        "STOMP port of MOSIP's message broker, HOST:PORT; several are tried in turn: `a:1,b:1`",
        rare=True,
    )
    mosip_abis_broker_authority: str = setting(
        "",
        "PEM file of who signed the broker's certificate, or `system`; default: no TLS, to this machine only",
        rare=True,
    )
    mosip_abis_user: str = setting("", "name at the broker", rare=True)
    mosip_abis_password_file: str = setting("", "file of the password at the broker", rare=True)
    mosip_abis_requests: str = setting("mosip-to-abis", "queue of requests", rare=True)
    mosip_abis_answers: str = setting("abis-to-mosip", "queue of answers", rare=True)
    mosip_abis_at_once: int = setting(4, "requests that are worked on at once", 1, 256, rare=True)
    mosip_abis_attempts: int = setting(
        8, "attempts while fusion or the data share does not answer, then the answer is a failure", 1, 100, rare=True
    )
    mosip_abis_gallery: str = setting("default", "gallery of all persons of the MOSIP ABIS adapter", rare=True)
    mosip_abis_database: str = setting(
        "", "its SQLite file of outcomes; default: `mosip-abis.db` in the user's data directory", rare=True
    )
    mosip_abis_key_file: str = setting("", "file of the key, of 32 bytes, that seals them; needed", rare=True)
    mosip_abis_share_origins: str = setting(
        "", "where `referenceURL` may point to, e.g. `https://a.org,+https://b.internal` (`+`: also private)", rare=True
    )
    mosip_abis_auth_url: str = setting(
        "",
        "where the data share's tokens are given (`…/authenticate/clientidsecretkey`); default: none is shown",
        rare=True,
    )
    mosip_abis_client_id: str = setting("", "who asks for them", rare=True)
    mosip_abis_secret_file: str = setting("", "file of the client's secret", rare=True)
    mosip_abis_app_id: str = setting("regproc", "application that the client is of", rare=True)
    mosip_abis_partner_file: str = setting(
        "", "PKCS#12 file of the key that shared data are encrypted for; default: they are not", rare=True
    )
    mosip_abis_partner_password_file: str = setting("", "file of its password", rare=True)

    def check_adapters(self) -> None:
        """Refuse settings that contradict each other. Raises ConfigurationInvalid."""
        check_together(self, "adapter_tls_certificate", "adapter_tls_key")
        check_together(self, "mosip_abis_user", "mosip_abis_password_file")
        check_together(self, "mosip_abis_auth_url", "mosip_abis_client_id")
        check_together(self, "mosip_abis_auth_url", "mosip_abis_secret_file")
