"""Docker: its bridge networks, published ports, Swarm's load balancing, and the DNS server it runs for containers.

Source: moby/moby, libnetwork/drivers/bridge/setup_ip_tables_linux.go (later daemon/libnetwork/drivers/bridge/internal/iptabler/),
libnetwork/firewall_linux.go (`DOCKER-USER`), service_linux.go (`DOCKER-INGRESS`), drivers/overlay/filter.go (`DOCKER-OVERLAY`) and
resolver_unix.go (`DOCKER_OUTPUT`, `DOCKER_POSTROUTING`: in the containers). Manual: docs.docker.com, "Packet filtering and firewalls".
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Docker",
    message("runs containers, and connects them by networks on this machine"),
    "moby/moby, libnetwork/drivers/bridge/setup_ip_tables_linux.go",
    (
        Kind("DOCKER", N_("sends connections to published ports on to their containers"), ("nat",)),
        Kind("DOCKER", N_("lets connections to published ports through to containers; newer Docker drops others here"), ("filter",)),
        Kind("DOCKER-USER", N_("is for rules that users write themselves; Docker does not change them"), ("filter",)),
        Kind("DOCKER-FORWARD", N_("is where Docker's rules for packets from and to containers begin"), ("filter",)),
        Kind("DOCKER-BRIDGE", N_("hands packets to containers to DOCKER, for each network of Docker"), ("filter",)),
        Kind("DOCKER-CT", N_("lets packets to containers through that belong to connections which exist already"), ("filter",)),
        Kind("DOCKER-INTERNAL", N_("keeps internal networks of Docker apart from everything else"), ("filter",)),
        Kind("DOCKER-ISOLATION", N_("keeps the networks of Docker apart from each other (older Docker)"), ("filter",)),
        Kind("DOCKER-ISOLATION-STAGE-1", N_("hands packets that leave a network of Docker to DOCKER-ISOLATION-STAGE-2"), ("filter",)),
        Kind("DOCKER-ISOLATION-STAGE-2", N_("drops packets from one network of Docker that would enter another one"), ("filter",)),
        Kind("DOCKER-INGRESS", N_("sends connections to published ports of Swarm services to Swarm's load balancing"), ("nat",)),
        Kind("DOCKER-INGRESS", N_("lets connections to published ports of Swarm services through"), ("filter",)),
        Kind("DOCKER-OVERLAY", N_("hands packets into an overlay network of Docker to the chain of that network"), ("filter",)),
        Kind("DOCKER_OUTPUT", N_("sends DNS queries of the container to the DNS server that Docker runs for it"), ("nat",)),
        Kind("DOCKER_POSTROUTING", N_("makes answers of the DNS server that Docker runs for the container come from port 53"), ("nat",)),
    ),
)
