"""Search, documents and cited places, over HTTP."""

from tests.api.kit import TEXT, Served


def test_a_search_shows_passages(service: Served) -> None:
    found = service.client.post("/api/v1/search", json={"question": "invoices"}).json()
    assert found["query"] == "invoices"
    assert found["notes"] == ["a note"]
    assert found["hits"] == [
        {
            "rank": 1,
            "source": "billing.html",
            "page": None,
            "chunk_id": "c-d1",
            "score": 0.9,
            "heading_path": ["Billing"],
            "text": TEXT,
            "title": "Billing",
            "char_start": 0,
            "char_end": len(TEXT),
        }
    ]


def test_a_search_gives_as_many_as_asked_for(locked: Served) -> None:
    question = {"question": "invoices", "principals": ["staff"]}
    assert len(locked.client.post("/api/v1/search", json=question).json()["hits"]) == 2
    assert len(locked.client.post("/api/v1/search", json={**question, "limit": 1}).json()["hits"]) == 1


def test_documents_are_listed_by_pages(locked: Served) -> None:
    def ids(parameters: str) -> list[str]:
        found = locked.client.get(f"/api/v1/documents?principal=staff{parameters}").json()
        assert found["total"] == 2
        return [each["document_id"] for each in found["documents"]]

    assert ids("") == ["d1", "d2"]
    assert ids("&limit=1") == ["d1"]
    assert ids("&limit=1&offset=1") == ["d2"]
    assert ids("&offset=2") == []


def test_a_document_is_read_whole(service: Served) -> None:
    found = service.client.get("/api/v1/documents/d1").json()
    assert found == {
        "document_id": "d1",
        "source": "billing.html",
        "title": "Billing",
        "uri": "",
        "revision": 1,
        "text": TEXT,
    }


def test_a_citation_opens_its_place(service: Served) -> None:
    cited = service.chat("When are invoices sent?").json()["citations"][0]
    place = {name: cited[name] for name in ("revision", "char_start", "char_end")}
    found = service.client.get(f"/api/v1/documents/{cited['document_id']}/passage", params=place).json()
    assert found["quote"] == cited["quote"]
    assert found["before"] + found["quote"] + found["after"] == TEXT
    where = ["page_start", "page_end", "heading_path"]
    assert [*found] == ["document_id", "source", "title", "uri", "revision", *where, "before", "quote", "after"]


def test_what_may_not_be_read_is_as_unknown_as_what_is_not_there(locked: Served) -> None:
    for rest in ("", "/passage?revision=1&char_start=0&char_end=3"):
        hidden, absent = (locked.client.get(f"/api/v1/documents/{each}{rest}") for each in ("d2", "no-such"))
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    assert locked.client.get("/api/v1/documents/d2?principal=staff").status_code == 200
