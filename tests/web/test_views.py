"""The pages as a visitor meets them, over a real database."""

from __future__ import annotations

import logging
import re

import psycopg
import pytest
from django.test import Client

from include import settings
from include.publish import links
from tests.web.conftest import TODAY

pytestmark = pytest.mark.slow


def _text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_the_first_visit_shows_the_form_and_the_ranking_without_sizes(client: Client) -> None:
    page = _text(client, "/")
    assert "Tell us height and weight" in page
    assert "Tops ranking" in page
    assert "of 10 people" not in page


def test_a_body_is_remembered_in_a_signed_cookie_and_never_in_an_address(client: Client) -> None:
    response = client.post("/body", {"height": "171.5", "weight": "68", "gender": "male", "next": "/?category=tops"})
    assert (response.status_code, response["Location"]) == (303, "/?category=tops")
    cookie = response.cookies["otto_bodies"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = _text(client, "/")
    assert "171.5 cm · 68 kg · Man" in page
    assert re.search(r"right for \d+ of 10 people like you", page)
    assert "171" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', page))


def test_a_cookie_that_was_tampered_with_is_no_body(visitor: Client) -> None:
    visitor.cookies["otto_bodies"] = visitor.cookies["otto_bodies"].value.replace("172", "190")
    assert "Tell us height and weight" in _text(visitor, "/")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"height": "1720", "weight": "68"}, "the height in centimetres"),
        ({"height": "17", "weight": "68"}, "the height in centimetres"),
        ({"height": "172", "weight": "abc"}, "the weight in kilograms"),
        ({"height": "172"}, "the weight in kilograms"),
        ({"height": "172", "weight": "68", "gender": "<b>"}, "choose the gender"),
        ({"height": "nan", "weight": "1e2"}, "the height in centimetres"),
    ],
)
def test_absurd_values_get_a_sentence_and_400(client: Client, fields: dict[str, str], sentence: str) -> None:
    response = client.post("/body", fields)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert "otto_bodies" not in response.cookies


def test_a_body_off_the_grid_gets_a_plain_sentence(client: Client) -> None:
    client.post("/body", {"height": "203", "weight": "95"})
    page = _text(client, "/")
    assert "We can only advise from 140 to 200 cm and from 35 to 130 kg." in page
    assert "of 10 people" not in page


def test_a_product_without_evidence_says_so_and_can_be_left_out(visitor: Client) -> None:
    page = _text(visitor, "/?category=tops")
    assert "Not known yet" in page
    assert "Its page has the size chart and advice from the same brand" in page
    assert "1000002" in page
    assert "1000002" not in _text(visitor, "/?category=tops&answered=1")


def test_a_sold_out_size_is_said(visitor: Client) -> None:
    assert re.search(r"\w+ is sold out", _text(visitor, "/products/musinsa/1000003"))


def test_the_product_page_draws_the_map_with_the_visitors_spot_and_a_table(visitor: Client) -> None:
    page = _text(visitor, "/products/musinsa/1000000")
    assert 'class="spot"' in page
    assert page.count('<path class="c') == 5
    assert "<caption>Advised size by height (down) and weight (across)</caption>" in page
    assert "총장" in page
    assert 'href="https://www.musinsa.com/products/1000000"' in page


def test_a_product_of_another_mall_links_only_to_hosts_of_its_settings(visitor: Client) -> None:
    page = _text(visitor, "/products/zigzag/1000004")
    assert "musinsa.com" not in page


def test_hostile_names_are_shown_as_text(visitor: Client) -> None:
    for address in ("/?category=tops", "/products/musinsa/1000001"):
        page = _text(visitor, address)
        assert "<script>" not in page  # the one script of ours has an address
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{ name }}" in page


def test_several_bodies_can_be_added_chosen_and_deleted(visitor: Client) -> None:
    visitor.post("/body", {"height": "160", "weight": "50", "gender": "female", "name": "Mina", "another": "1"})
    page = _text(visitor, "/")
    assert "<strong>Mina</strong>" in page
    visitor.post("/body/choose", {"at": "0"})
    assert 'class="who chosen"><span>172 cm' in re.sub(r"\s+", " ", _text(visitor, "/")).replace("> <", "><")
    visitor.post("/body/forget", {"at": "0"})
    assert "172 cm" not in _text(visitor, "/")
    response = visitor.post("/body/forget", {"at": "0"})
    assert response.cookies["otto_bodies"]["max-age"] == 0


def test_the_language_follows_the_browser_and_can_be_switched(client: Client) -> None:
    korean = _text(Client(headers={"accept-language": "ko-KR,ko"}), "/")
    assert '<html lang="ko">' in korean
    assert "키와 몸무게를 알려 주세요" in korean
    assert '<html lang="ko">' in _text(Client(headers={"accept-language": "fr"}), "/")
    client.post("/language", {"language": "ko", "next": "/"})
    assert '<html lang="ko">' in _text(client, "/")


def test_an_address_elsewhere_is_not_followed_after_the_form(client: Client) -> None:
    response = client.post("/body", {"height": "172", "weight": "68", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_unknown_products_and_addresses_are_404(client: Client) -> None:
    assert "not in the list that is published now" in _text(client, "/products/musinsa/nope", 404)
    assert "no page at this address" in _text(client, "/nowhere", 404)


def test_status_and_health(client: Client) -> None:
    answer = client.get("/status.json").json()
    assert answer["release"]["run_date"] == TODAY.isoformat()
    assert (answer["release"]["products"], answer["release"]["state"], answer["stale"]) == (5, "live", False)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_before_the_first_release_the_page_says_so(
    client: Client, empty_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", empty_dsn)
    assert "Not ready yet" in _text(client, "/", 503)
    assert "Not ready yet" in _text(client, "/products/musinsa/1", 503)
    assert client.get("/status.json").json() == {"release": None, "stale": False}
    assert client.get("/readyz").status_code == 200


def test_a_database_that_is_away_is_a_503_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", "postgresql://otto_reader@127.0.0.1:9/rds")
    monkeypatch.setattr("web.database._WAIT_SECONDS", 0.3)
    assert "The size database does not answer" in _text(client, "/", 503)
    assert client.get("/status.json").status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_connection_that_the_database_closed_is_replaced_unnoticed(client: Client, site_dsn: str) -> None:
    _text(client, "/")
    with psycopg.connect(site_dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'otto-web'")
    _text(client, "/")


def test_stale_data_is_told(client: Client, site_dsn: str) -> None:
    with psycopg.connect(site_dsn, autocommit=True) as admin:
        admin.execute("UPDATE otto.release SET run_date = run_date - 2")
        assert "Newer data has not arrived yet" not in _text(client, "/")
        admin.execute("UPDATE otto.release SET run_date = run_date - 1")
        assert "Newer data has not arrived yet" in _text(client, "/")
        admin.execute("UPDATE otto.release SET run_date = run_date + 3")


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    sources = dict(part.strip().split(" ", 1) for part in policy.split(";"))["img-src"].split()
    # our own and every mall's image hosts, by name
    assert sources == ["'self'", *links.image_sources(settings.malls())]
    assert "https://image.msscdn.net" in sources
    assert all(re.fullmatch(r"https://[a-z0-9.-]+", source) for source in sources[1:])
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "style=" not in response.content.decode()


def test_a_form_without_its_token_is_refused_decently(site_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", site_dsn)
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = strict.post("/body", {"height": "172", "weight": "68"})
    assert response.status_code == 403
    assert "Please send it again" in response.content.decode()


def test_no_log_line_carries_a_body(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.post("/body", {"height": "173.7", "weight": "68.3", "gender": "male"})
    visitor.post("/body", {"height": "1737", "weight": "683"})
    _text(visitor, "/")
    assert not re.search(r"173\.?7|68\.?3", caplog.text)


def test_a_page_is_one_statement(visitor: Client, site_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[object] = []
    execute = psycopg.Connection.execute

    def counting(self, query, *args, **kwargs):  # noqa: ANN001, ANN002, ANN003, ANN202
        statements.append(query)
        return execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Connection, "execute", counting)
    for address in ("/", "/?category=tops&answered=1", "/products/musinsa/1000000"):
        statements.clear()
        _text(visitor, address)
        assert len(statements) == 1


def test_search_finds_names_and_brands_of_every_category_as_plain_text(visitor: Client) -> None:
    page = _text(visitor, "/?q=슬랙스")
    assert "Results for “슬랙스”" in page
    assert "Nothing here matches." in page
    assert "1000004" in _text(visitor, "/?q=리넨")
    assert "1000001" in _text(visitor, "/?q=%3Cscript%3E")
    assert "Nothing here matches." in _text(visitor, "/?q=%25_%25")


@pytest.mark.parametrize("sort", ["rank", "sure", "evidence", "cheap", "dear", "nonsense"])
def test_every_sort_lists_every_product(visitor: Client, sort: str) -> None:
    found = re.findall(r"/products/musinsa/(\d+)", _text(visitor, f"/?category=tops&sort={sort}"))
    assert sorted(found) == ["1000000", "1000001", "1000002", "1000003"]
    if sort == "dear":
        assert found[0] == "1000003"


def test_a_product_without_evidence_offers_others_of_its_brand(client: Client, site_dsn: str) -> None:
    client.post("/body", {"height": "172", "weight": "68"})
    with psycopg.connect(site_dsn, autocommit=True) as admin:
        admin.execute("UPDATE otto.release_product SET brand = 'One' WHERE product_id IN ('1000000', '1000002')")
        page = _text(client, "/products/musinsa/1000002")
        admin.execute("UPDATE otto.release_product SET brand = 'Two' WHERE product_id IN ('1000000', '1000002')")
    assert "In other garments of this brand" in page
    assert re.search(r'href="/products/musinsa/1000000">[^<]+</a> <strong>\w+</strong>', page)


def test_malls_and_their_categories_are_tabs(visitor: Client) -> None:
    page = _text(visitor, "/")
    assert '<a href="?mall=musinsa&amp;category=tops" aria-current="true">Musinsa</a>' in page
    assert '<a href="?mall=zigzag">Zigzag</a>' in page
    assert ">Dresses</a>" not in page
    assert '<a href="?mall=zigzag&amp;category=dress" aria-current="true">Dresses</a>' in _text(
        visitor, "/?mall=zigzag"
    )


def test_a_search_can_be_narrowed_to_a_mall(visitor: Client) -> None:
    assert "/products/zigzag/1000004" in _text(visitor, "/?q=원피스")
    assert "Nothing here matches." in _text(visitor, "/?q=원피스&mall=musinsa")
    assert "/products/zigzag/1000004" in _text(visitor, "/?q=원피스&mall=zigzag&category=dress")
    assert "Nothing here matches." in _text(visitor, "/?q=원피스&category=tops")


def test_a_wish_moves_the_size_and_both_pages_say_so(visitor: Client) -> None:
    response = visitor.post("/body/wish", {"wish": "loose", "next": "/?category=tops"})
    assert (response.status_code, response["Location"]) == (303, "/?category=tops")
    page = _text(visitor, "/?category=tops")
    assert 'value="loose" aria-pressed="true"' in page
    assert "This only moves between your size and the next likely one." in page
    assert re.search(r"Chosen over \w+ \(\d+%\) because you like it roomy", page)
    visitor.post("/body", {"height": "173", "weight": "68", "gender": "male"})
    assert 'value="loose" aria-pressed="true"' in _text(visitor, "/")
    visitor.post("/body/wish", {"wish": "regular"})
    assert "because you like it" not in _text(visitor, "/?category=tops")


def test_an_answer_says_how_many_stand_behind_it_and_until_when(visitor: Client, site_dsn: str) -> None:
    assert re.search(r"\d+ reviews from similar bodies · latest 2026-\d\d-\d\d", _text(visitor, "/?category=tops"))
    with psycopg.connect(site_dsn, autocommit=True) as admin:
        admin.execute("CREATE TEMP TABLE kept AS SELECT * FROM otto.size_band")
        admin.execute("UPDATE otto.size_band SET reviews = 0, probability = 0.95 WHERE size_label IS NOT NULL")
        page = _text(visitor, "/?category=tops")
        admin.execute("TRUNCATE otto.size_band")
        admin.execute("INSERT INTO otto.size_band SELECT * FROM kept")
    assert "An estimate" in page
    assert "probably right for 10 of 10 people like you" in page
    assert "No review from a similar body" in page
    assert "Very sure" not in page


def test_a_long_ranking_has_pages(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.views.PAGE_SIZE", 3)
    first, second = _text(visitor, "/?category=tops"), _text(visitor, "/?category=tops&page=2")
    assert 'rel="next" href="?category=tops&amp;page=2"' in first
    assert len(re.findall(r"/products/musinsa/\d+", first)) == 3
    assert len(re.findall(r"/products/musinsa/\d+", second)) == 1
    assert 'rel="next"' not in second
    assert 'rel="prev" href="?category=tops"' in second
