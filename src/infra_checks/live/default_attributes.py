"""The attributes of load balancers and target groups that nobody has set.

AWS: "LoadBalancerAttribute" and "TargetGroupAttribute" of the Elastic Load Balancing API reference. An attribute that
is not here has no default that the pages state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.default_kinds import CHOSEN, NOTHING, By, ByKey, Unstated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.default_kinds import Default

_OFF: Final = "false"
_ON: Final = "true"
_LOGS: Final[Mapping[str, Default]] = {
    f"{kind}_logs.s3.{name}": default
    for kind in ("access", "connection", "health_check")
    for name, default in (("enabled", _OFF), ("bucket", NOTHING), ("prefix", NOTHING))
}

LOAD_BALANCER: Final = ByKey(
    {
        **_LOGS,
        "client_keep_alive.seconds": "3600",
        "deletion_protection.enabled": _OFF,
        "idle_timeout.timeout_seconds": "60",
        "ipv6.deny_all_igw_traffic": By("Scheme", {"internal": _ON}, _OFF),
        # Of Application Load Balancers it cannot be changed.
        "load_balancing.cross_zone.enabled": By("Type", {"network": _OFF, "gateway": _OFF}, CHOSEN),
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": _OFF,
        "routing.http.preserve_host_header.enabled": _OFF,
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _OFF,
        "routing.http.xff_client_port.enabled": _OFF,
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": _ON,
        "secondary_ips.auto_assigned.per_subnet": "0",
        "waf.fail_open.enabled": _OFF,
        "zonal_shift.config.enabled": _OFF,
    }
)

_UDP: Final = ("UDP", "TCP_UDP")
_HEALTH: Final = "target_group_health"

TARGET_GROUP: Final = ByKey(
    {
        "deregistration_delay.connection_termination.enabled": By("Protocol", dict.fromkeys(_UDP, _ON), _OFF),
        "deregistration_delay.timeout_seconds": "300",
        "lambda.multi_value_headers.enabled": _OFF,
        "load_balancing.algorithm.anomaly_mitigation": "off",
        "load_balancing.algorithm.type": "round_robin",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        "preserve_client_ip.enabled": By("TargetType", {"ip": By("Protocol", {"TCP": _OFF, "TLS": _OFF}, _ON)}, _ON),
        "proxy_protocol_v2.enabled": _OFF,
        "send_tcp_reset.on_deregistration.enabled": _OFF,
        "send_tcp_reset.on_unhealthy.enabled": _OFF,
        "slow_start.duration_seconds": "0",
        "stickiness.app_cookie.duration_seconds": "86400",
        "stickiness.enabled": _OFF,
        "stickiness.lb_cookie.duration_seconds": "86400",
        "target_failover.on_deregistration": "no_rebalance",
        "target_failover.on_unhealthy": "no_rebalance",
        f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": "1",
        f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": "off",
        f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "1",
        f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
        # "can't be enabled for UDP and TCP_UDP target groups", of which no default is said.
        "target_health_state.unhealthy.connection_termination.enabled": By(
            "Protocol", dict.fromkeys(_UDP, Unstated(_OFF)), _ON
        ),
        "target_health_state.unhealthy.draining_interval_seconds": "0",
    }
)
