"""Keys and credits: who may ask, and what it has cost.

Credits are taken when work begins and given back if it does not end in a result: *reserve, then
settle*. What a server held when it died is given back by the next one that looks. The tables are
in ``tables.py``; every number of an account can be told from the recharges and spends beside it.
"""

from __future__ import annotations

from idphoto.server.ledger.credits import CreditStore, Reservation
from idphoto.server.ledger.database import open_database
from idphoto.server.ledger.keys import ApiKey, KeyStore
from idphoto.server.ledger.server_lock import ServerLock

__all__ = ["ApiKey", "CreditStore", "KeyStore", "Reservation", "ServerLock", "open_database"]
