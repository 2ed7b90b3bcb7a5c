from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.inputs.ipvs import parse_ipvs
from iptexplain.model.address import Endpoint
from tests.anonymize.beside.again import address, again
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.inputs.ipvs import RealServer, VirtualService
    from iptexplain.source import Source

LINES = """\
# of acme
-A -t 192.0.2.1:443 -s wrr -p 300 -M 255.255.255.0 -b flag-1
-a -t 192.0.2.1:443 -r 10.0.0.1:443 -g -w 0

-A --udp-service 192.0.2.1:0 --scheduler acme --persistent
--add-server -u 192.0.2.1:0 --real-server 10.0.0.2:53 --ipip
-A --sctp-service [2001:db8::1]:7 -s sh -o
-a --sctp-service [2001:db8::1]:7 -r [fd00::1]:7 -m -w 3
-A -f 5 -s rr
-a -f 5 -r 10.0.0.1:443 -m -w 1
-A -f 5 -s rr -6
-a -f 5 -r [fd00::1]:443 -m -w 1 -6
"""


def renamed(service: VirtualService, to: Disguise) -> VirtualService:
    """The service as it should be read again."""

    def moved(server: RealServer) -> RealServer:
        first = server.to.first
        new = None if first is None else address(first, to)
        return server._replace(to=Endpoint(new, new, server.to.first_port, server.to.last_port))

    at = service.key.address
    key = service.key._replace(address=None if at is None else address(at, to))
    scheduler = service.scheduler if service.scheduler != "acme" else to.value("acme")
    return service._replace(key=key, scheduler=scheduler, servers=tuple(map(moved, service.servers)))


def check(given: Source) -> None:
    to, other = again("ipvs", given)

    assert [renamed(one, to) for one in parse_ipvs(given).by_key.values()] == list(parse_ipvs(other).by_key.values())
    assert "acme" not in other.text


def test_a_real_output_is_read_again_as_the_same_services() -> None:
    check(file("samples/ipvs/ipvsadm.txt"))


def test_every_way_to_say_a_service_is_read_again_as_the_same_in_its_line() -> None:
    check(source(*LINES.split("\n")))


def test_no_services_stay_none() -> None:
    assert again("ipvs", source(""))[1].text == ""
