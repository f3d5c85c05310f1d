"""The benchmark command on small files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml import benchmark
from ml.errors import BadValues, MissingColumns
from ml.raw_reviews import clean, read_csv

LABELS = ["S", "M", "L", "XL"]


def raw_rows(products: int = 6, rows: int = 80, seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts = []
    for number in range(products):
        height = random.normal(173, 6, rows).round().clip(145, 195).astype(int)
        weight = random.normal(70, 10, rows).round().clip(45, 110).astype(int)
        size = np.clip((weight - 45) // 13 + random.integers(-1, 2, rows) * (random.random(rows) < 0.3), 0, 3)
        parts.append(
            pd.DataFrame(
                {
                    "product_id": f"p{number}", "gender": "남성", "height": [f"{h}cm" for h in height],
                    "weight": [f"{w}kg" for w in weight], "size_option": [f"{LABELS[s]} 구매" for s in size],
                    "fit": "", "category": "tops", "brand": "",
                    "reviewed_on": [f"2026-0{1 + n % 9}-{1 + n % 28:02d}" for n in range(rows)],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def run(folder: Path, train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, dict, pd.DataFrame]:
    train.to_csv(folder / "train.csv.gz", index=False)
    test.to_csv(folder / "test.csv", index=False)
    code = benchmark.main(
        ["--train", str(folder / "train.csv.gz"), "--test", str(folder / "test.csv"), "--out", str(folder / "out.csv"),
         "--metrics", str(folder / "metrics.json"), "--probabilities", str(folder / "chances.csv")]
    )  # fmt: skip
    assert code == 0
    out = pd.read_csv(folder / "out.csv", keep_default_na=False)
    return out, json.loads((folder / "metrics.json").read_text()), pd.read_csv(folder / "chances.csv")


def odd(base: pd.DataFrame, **changes: str) -> pd.DataFrame:
    return base.iloc[[0]].assign(**changes)


def test_every_test_row_has_one_row_out_in_order(tmp_path: Path) -> None:
    rows = raw_rows()
    test = pd.concat(
        [rows.iloc[:20], odd(rows, product_id=""), odd(rows, height="건성"), odd(rows, weight="131kg"),
         odd(rows, size_option="S 구매", product_id="never seen"), odd(rows, size_option="유수분조절")]
    )  # fmt: skip
    out, figures, chances = run(tmp_path, rows, test)
    assert out["row"].tolist() == list(range(25))
    assert out["state"].tolist()[20:24] == ["refused", "refused", "refused", "no_evidence"]
    assert out["size_label"].tolist()[23] in LABELS
    assert out["state"].tolist()[24] == "answered"
    assert out["true_label"].tolist()[24] == ""
    assert figures["refused"] == {"height_cm_unreadable": 1, "no_product_id": 1, "weight_kg_out_of_range": 1}
    assert figures["monotone_breaks"] == 0
    assert set(chances["row"]) == set(range(20)) | {23, 24}
    assert np.allclose(chances.groupby("row")["probability"].sum(), 1.0, atol=1e-6)


def test_an_answer_does_not_depend_on_its_own_size_or_fit_or_on_other_rows(tmp_path: Path) -> None:
    rows = raw_rows()
    test = pd.concat([odd(rows, product_id="never seen", brand="b9"), rows.iloc[::9]], ignore_index=True)
    columns = ["state", "size_label", "probability", "runner_up", "runner_up_probability"]
    plain, _, _ = run(tmp_path, rows, test)
    other, _, _ = run(tmp_path, rows, test.assign(size_option="XL 구매", fit="작아요"))
    assert plain[columns].equals(other[columns])
    few, _, _ = run(tmp_path, rows, test.iloc[:3])
    assert few[columns].equals(plain[columns].iloc[:3])


def test_fit_moves_the_training_target_but_never_the_true_label(tmp_path: Path) -> None:
    rows = raw_rows().assign(fit="작아요")
    samples = clean(rows).samples
    inner = samples[samples["size_index"] < 3]
    assert np.allclose(inner["target"] - inner["size_index"], 0.7)
    out, _, _ = run(tmp_path, rows, rows.iloc[:10])
    assert out["true_label"].tolist() == [option.split()[0] for option in rows["size_option"].iloc[:10]]


def test_a_missing_column_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw_rows(1, 5).drop(columns="weight").to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(MissingColumns, match="lacks weight"):
        read_csv(tmp_path / "a.csv")
    code = benchmark.main(["--train", str(tmp_path / "a.csv"), "--test", str(tmp_path / "a.csv"), "--out", "unused"])
    assert code == 2
    assert "lacks weight" in capsys.readouterr().err


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    rows = raw_rows(3, 40).drop(columns=["category", "brand"])
    out, _, _ = run(tmp_path, rows, rows.iloc[:5])
    assert (out["state"] == "answered").all()


def written(folder: Path, body: bytes, name: str = "odd.csv") -> Path:
    (folder / name).write_bytes(body)
    return folder / name


def test_a_byte_order_mark_windows_lines_and_line_breaks_in_quotes_change_nothing(tmp_path: Path) -> None:
    rows = raw_rows(1, 4).assign(size_option=["[16]LIGHT\nGRAY/M[095]", "L 구매", "S", "XL"])
    plain = rows.to_csv(index=False)
    for body in (plain.encode("utf-8-sig"), plain.replace("\n", "\r\n").encode()):
        found = read_csv(written(tmp_path, body))
        assert found[["product_id", "height", "weight"]].equals(rows[["product_id", "height", "weight"]])
        assert len(found) == 4
    assert clean(read_csv(written(tmp_path, plain.encode()))).samples["size_index"].tolist() == [1, 2, 0, 3]


def test_files_that_cannot_be_meant_are_named(tmp_path: Path) -> None:
    plain = raw_rows(1, 40).to_csv(index=False)
    odd_files = {
        "cut.csv.gz": gzip.compress(plain.encode())[:-40], "empty.csv": b"", "korean.csv": plain.encode("cp949"),
        "wide.csv": (plain + "p0,,,,,,,,,,,\n").encode(),
        "twice.csv": ("height," + plain.replace("\n", "\n170,")).encode(),
    }  # fmt: skip
    for name, body in odd_files.items():
        with pytest.raises(BadValues, match=name):
            read_csv(written(tmp_path, body, name))


def test_without_a_single_answerable_row_the_figures_are_empty_not_wrong(tmp_path: Path) -> None:
    rows = raw_rows()
    out, figures, chances = run(tmp_path, rows.iloc[:20], rows.iloc[:3].assign(height="건성"))
    assert (len(out), len(chances)) == (3, 0)
    assert (figures["rows"], figures["coverage"], figures["exact"]) == (3, 0.0, None)
    assert figures["refused"] == {"height_cm_unreadable": 3}


def test_a_size_that_training_never_saw_counts_as_wrong(tmp_path: Path) -> None:
    rows = raw_rows(1, 40)
    out, figures, _ = run(tmp_path, rows, rows.iloc[:4].assign(size_option="9XL 구매"))
    assert set(out["true_label"]) == {"9XL"}
    assert (figures["exact"], figures["within_one"], figures["scored_rows"]) == (0.0, 0.0, 4)
    assert figures["log_loss"] == pytest.approx(-np.log(1e-6))


def test_a_file_without_anything_to_learn_ends_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = raw_rows(1, 5)
    for train in (rows.iloc[:0], rows.assign(height="")):
        train.to_csv(tmp_path / "train.csv", index=False)
        rows.to_csv(tmp_path / "test.csv", index=False)
        files = [f"--{name}={tmp_path / name}.csv" for name in ("train", "test", "out")]
        assert benchmark.main(files) == 2
        assert "NoSamples" in capsys.readouterr().err


def test_one_training_row_is_no_crash(tmp_path: Path) -> None:
    rows = raw_rows(1, 2)
    out, _, _ = run(tmp_path, rows.iloc[:1], rows.iloc[:1])
    assert out["row"].tolist() == [0]
    assert out["state"].tolist()[0] in {"answered", "no_evidence"}
