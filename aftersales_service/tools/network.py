"""Who is asking, as far as an address tells, without a database."""

import ipaddress


def network_of(address):
    """Return the network that one household or company usually has.

    An IPv6 connection owns a whole /64 and could change its address with every
    request; an IPv4 address stands for itself.

    :param str address: address of the connection, as the server knows it
    :return: str, the address unchanged when it cannot be read
    """
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if ip.version == 6:
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
