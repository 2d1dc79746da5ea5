"""What can go wrong in serving the page; the words are with the rest of `rag/locales`."""

from rag.errors import SurooError


class NotLoopback(SurooError):
    """`host`: an address that others could reach."""

    code = "not_loopback"


class PortTaken(SurooError):
    """`host`, `port`."""

    code = "port_taken"
