"""Keep API keys and credits in a database.

A request reserves credits when its work begins. When the response has been sent, the reservation is
settled; if the work fails, it is released. If a server dies, the next server that cleans up releases its
reservations. ``tables.py`` describes the tables. The balance of every account can be computed again from
its recharges and spends.
"""

from __future__ import annotations

from idphoto.server.ledger.answers import AnswerStore, KeptAnswer
from idphoto.server.ledger.credits import CreditStore, Reservation
from idphoto.server.ledger.database import open_database
from idphoto.server.ledger.keys import ApiKey, KeyStore
from idphoto.server.ledger.server_lock import ServerLock

__all__ = [
    "AnswerStore",
    "ApiKey",
    "CreditStore",
    "KeptAnswer",
    "KeyStore",
    "Reservation",
    "ServerLock",
    "open_database",
]
