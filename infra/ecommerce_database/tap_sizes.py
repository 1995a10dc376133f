"""What differs between environments: how large, how many, how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from tap_names import PATTERN


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of one environment; storage in GiB, `backup_days` in days.

    With a standby the primary may run in any of its two zones, so replicas begin at the third.
    """

    instance_class: str
    replica_class: str
    storage: int
    most_storage: int
    replicas: int
    standby: bool
    egress_zones: int
    backup_days: int
    log_retention: logs.RetentionDays
    connections: int
    cidr: str

    @property
    def primary_zones(self) -> int:
        """In how many zones, counted from the first, the primary may run."""
        return 2 if self.standby else 1

    @property
    def zones(self) -> int:
        """How many Availability Zones the databases are in."""
        return self.primary_zones + self.replicas


# connections is what the alarm calls many: about 80 % of what the memory of the class allows
# (RDS: LEAST(DBInstanceClassMemory/9531392, 5000) is the default of max_connections).
SIZES: Final[dict[str, Size]] = {
    "development": Size(
        instance_class="db.t4g.medium",
        replica_class="db.t4g.medium",
        storage=50,
        most_storage=100,
        replicas=1,
        standby=False,
        egress_zones=1,
        backup_days=1,
        log_retention=logs.RetentionDays.ONE_WEEK,
        connections=320,
        cidr="10.20.0.0/20",
    ),
    "testing": Size(
        instance_class="db.t4g.medium",
        replica_class="db.t4g.medium",
        storage=50,
        most_storage=100,
        replicas=1,
        standby=False,
        egress_zones=1,
        backup_days=1,
        log_retention=logs.RetentionDays.ONE_WEEK,
        connections=320,
        cidr="10.20.16.0/20",
    ),
    "staging": Size(
        instance_class="db.r6g.large",
        replica_class="db.r6g.large",
        storage=100,
        most_storage=400,
        replicas=2,
        standby=True,
        egress_zones=2,
        backup_days=14,
        log_retention=logs.RetentionDays.ONE_MONTH,
        connections=1300,
        cidr="10.20.32.0/20",
    ),
    "production": Size(
        instance_class="db.r6g.xlarge",
        replica_class="db.r6g.xlarge",
        storage=400,
        most_storage=2000,
        replicas=2,
        standby=True,
        egress_zones=2,
        backup_days=35,
        log_retention=logs.RetentionDays.ONE_YEAR,
        connections=2600,
        cidr="10.20.48.0/20",
    ),
}

KEPT: Final = ("staging", "production")
"""The environments whose data outlives the stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TapStackProps:
    """How a stack is made. `removal` is what becomes of data when the stack goes; by default RETAIN where data is
    kept, DESTROY in development and testing. Raises ValueError for an environment that does not exist, or a suffix
    that is not 3 to 16 lower-case letters, digits and hyphens. The suffix is the default of the parameter.
    """

    environment_suffix: str
    environment_name: str = "development"
    removal: cdk.RemovalPolicy | None = None
    project: str = "ecommerce-database"
    owner: str = "shop-data"
    cost_center: str = "CC-1200"

    def __post_init__(self) -> None:
        if self.environment_name not in SIZES:
            raise ValueError(f"environment {self.environment_name!r} is none of {', '.join(SIZES)}")
        if not re.fullmatch(PATTERN, self.environment_suffix):
            raise ValueError(f"suffix {self.environment_suffix!r} does not match {PATTERN}")

    @property
    def size(self) -> Size:
        """The size of the environment."""
        return SIZES[self.environment_name]

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """What becomes of keys, logs, secret and bucket."""
        kept = cdk.RemovalPolicy.RETAIN if self.environment_name in KEPT else cdk.RemovalPolicy.DESTROY
        return self.removal or kept

    @property
    def database_removal_policy(self) -> cdk.RemovalPolicy:
        """What becomes of the primary: where data is kept, a last snapshot stays instead of a running instance."""
        return cdk.RemovalPolicy.SNAPSHOT if self.keeps else self.removal_policy

    @property
    def keeps(self) -> bool:
        """Whether data outlives the stack."""
        return self.removal_policy is cdk.RemovalPolicy.RETAIN
