"""Keys and credits, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import IntegrityError

from idphoto.errors import InputError
from idphoto.server.capabilities import load_capabilities
from idphoto.server.ledger import CreditStore, KeyStore, ServerLock, open_database
from idphoto.server.ledger.tables import keys_table, metadata, spends_table
from idphoto.server.refusals import RefusalReason, RequestRefused

PORTRAIT, HD = load_capabilities()["portrait"], load_capabilities()["hd_portrait"]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger on each kind of database."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    else:
        url = request.getfixturevalue("postgres_url")
        opened = open_database(url)
        with opened.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    yield opened
    opened.dispose()


@pytest.fixture
def account(engine: Engine) -> tuple[KeyStore, CreditStore, str]:
    """A ledger with one key of 50 credits."""
    keys = KeyStore(engine)
    key, _ = keys.create("tests", 50)
    return keys, CreditStore(engine, "1"), key.id


def balance(keys: KeyStore, key_id: str, sign: str = "common") -> int:
    return next(account.balance for account in keys.list_accounts(key_id) if account.sign == sign)


def test_two_hundred_at_once_on_fifty_credits(account):
    keys, ledger, key_id = account
    together = threading.Barrier(50)

    def spend(number: int) -> bool:
        if number < 50:
            together.wait()
        try:
            reservation = ledger.reserve(key_id, PORTRAIT)
        except RequestRefused as fault:
            assert fault.reason is RefusalReason.NO_CREDITS
            return False
        return ledger.settle(reservation)

    with ThreadPoolExecutor(50) as pool:
        spent = sum(pool.map(spend, range(200)))
    assert spent == 50
    assert balance(keys, key_id) == 0
    assert ledger.find_discrepancies() == []


def test_half_of_them_fail_and_get_back_what_was_held(account):
    keys, ledger, key_id = account

    def spend(number: int) -> int:
        try:
            reservation = ledger.reserve(key_id, PORTRAIT)
        except RequestRefused:
            return 0
        if number % 2:
            assert ledger.release(reservation)
            return 0
        assert ledger.settle(reservation)
        return 1

    with ThreadPoolExecutor(50) as pool:
        spent = sum(pool.map(spend, range(200)))
    assert balance(keys, key_id) == 50 - spent >= 0
    assert ledger.find_discrepancies() == []


def test_the_database_itself_refuses_a_balance_below_zero(account, engine):
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET balance = -1"))


def test_what_is_held_is_settled_or_given_back_once(account):
    keys, ledger, key_id = account
    first, second = ledger.reserve(key_id, HD), ledger.reserve(key_id, PORTRAIT)
    assert balance(keys, key_id) == 47
    assert ledger.release(first)
    assert not ledger.release(first)
    assert not ledger.settle(first)
    assert ledger.settle(second)
    assert not ledger.settle(second)
    assert not ledger.release(second)
    assert balance(keys, key_id) == 49
    assert ledger.find_discrepancies() == []


def test_less_may_be_settled_than_was_held(account):
    keys, ledger, key_id = account
    assert ledger.settle(ledger.reserve(key_id, PORTRAIT, 5), 2)
    assert balance(keys, key_id) == 48
    assert ledger.settle(ledger.reserve(key_id, PORTRAIT, 5), 0)
    assert balance(keys, key_id) == 48
    assert ledger.find_discrepancies() == []


def test_credits_of_one_kind_are_spent_before_common_ones(account):
    keys, ledger, key_id = account
    keys.recharge("tests", 1, PORTRAIT.sign)
    for _ in range(2):
        ledger.settle(ledger.reserve(key_id, PORTRAIT))
    assert balance(keys, key_id, PORTRAIT.sign) == 0
    assert balance(keys, key_id) == 49
    assert ledger.find_discrepancies() == []


def test_what_a_dead_server_held_is_given_back_and_what_a_living_one_holds_is_not(account, engine):
    keys, _, key_id = account
    # On SQLite there is one living server per file; on PostgreSQL several.
    dead = CreditStore(engine, "4711")
    dead.reserve(key_id, HD)
    dead.settle(dead.reserve(key_id, PORTRAIT))
    server_lock = ServerLock(engine)
    alive = CreditStore(engine, server_lock.id)
    kept = alive.reserve(key_id, PORTRAIT)
    assert balance(keys, key_id) == 46
    assert alive.list_reserving_servers() == {"4711", server_lock.id}
    assert server_lock.find_dead(alive.list_reserving_servers()) == {"4711"}
    assert alive.release_all_of({"4711"}) == 1
    assert alive.release_all_of({"4711"}) == 0
    assert balance(keys, key_id) == 48
    assert alive.settle(kept)
    assert alive.find_discrepancies() == []
    server_lock.release()


def test_several_servers_live_on_postgresql(postgres_url):
    first, second = open_database(postgres_url), open_database(postgres_url)
    one, other = ServerLock(first), ServerLock(second)
    assert one.find_dead({one.id, other.id, "99"}) == {"99"}
    other.release()
    second.dispose()
    assert one.find_dead({other.id}) == {other.id}
    one.release()
    first.dispose()


def test_a_second_server_is_refused_on_one_sqlite_file(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    server_lock = ServerLock(engine)
    with pytest.raises(InputError, match="Another server"):
        ServerLock(engine)
    server_lock.release()
    ServerLock(engine).release()
    engine.dispose()


def test_keys_are_found_by_their_secret_alone(engine):
    keys = KeyStore(engine)
    key, sent = keys.create("someone")
    assert keys.find(sent) == key
    prefix, public, secret = sent.split("_", 2)
    wrong = ["", "x", sent[:-1], sent + "A", f"{prefix}_{public}_", f"{prefix}_{public}", f"idq_{public}_{secret}"]
    for text_ in [*wrong, f"{prefix}__{secret}", f"{prefix}_{'0' * 12}_{secret}", sent.upper()]:
        assert keys.find(text_) is None, text_


def test_no_secret_is_kept(engine):
    _, sent = KeyStore(engine).create("someone")
    secret = sent.split("_", 2)[2]
    with engine.connect() as connection:
        (row,) = connection.execute(select(keys_table)).all()
    assert secret not in repr(row)
    assert len(secret) * 6 >= 256  # bits of base64


def test_a_name_is_taken_once(engine):
    keys = KeyStore(engine)
    keys.create("someone")
    for name in ("someone", "", " ", "x" * 101, "a\nb"):
        with pytest.raises(InputError):
            keys.create(name)


def test_a_key_is_disabled_by_name_or_id(engine):
    keys = KeyStore(engine)
    key, sent = keys.create("someone")
    assert keys.disable(key.id).disabled_at == keys.disable("someone").disabled_at is not None
    assert keys.find(sent).disabled_at is not None
    with pytest.raises(InputError, match="no key"):
        keys.disable("nobody")


@pytest.mark.parametrize("number", [0, -1, 10**13])
def test_only_numbers_of_credits_are_added(engine, number):
    keys = KeyStore(engine)
    keys.create("someone")
    with pytest.raises(InputError, match="number of credits"):
        keys.recharge("someone", number)


def test_migrations_make_the_tables_that_the_code_knows(engine):
    found = inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        assert set(columns) == {column.name for column in table.columns}
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, column
        assert {index.name for index in table.indexes} <= {index["name"] for index in found.get_indexes(table.name)}


def test_migrations_go_back_and_forth(engine):
    from alembic import command
    from alembic.config import Config

    from idphoto.server.ledger import database

    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)  # the tables of the code need no further migration
        command.downgrade(config, "base")
        assert not inspect(connection).has_table("keys")
        command.upgrade(config, "head")
        assert inspect(connection).has_table("keys")


def test_opening_again_keeps_everything(tmp_path):
    url = f"sqlite:///{tmp_path / 'deep' / 'ledger.db'}"
    first = open_database(url)
    key, sent = KeyStore(first).create("someone", 7)
    first.dispose()
    second = open_database(url)
    assert KeyStore(second).find(sent) == key
    assert balance(KeyStore(second), key.id) == 7
    with second.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(select(spends_table)).all() == []
    second.dispose()


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://host/x", "sqlite:////proc/no/ledger.db", "postgresql://a:hush@127.0.0.1:1/x"]
)
def test_an_address_that_does_not_work_is_refused_without_its_password(url):
    with pytest.raises(InputError) as caught:
        open_database(url)
    assert "hush" not in str(caught.value)
