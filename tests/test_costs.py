from autodata.costs import make_sheet
from autodata.prices import Price, PriceTable, Use

USES = {"weak": Use(30, 30, 0, 0, 1_000_000, 0), "judge": Use(10, 10, 0, 0, 500_000, 0)}
MODELS = {"weak": "own", "judge": "big"}
TABLE = PriceTable(currency="EUR", models={"own": Price(input=0, output=0), "big": Price(input=4, output=8)})


def test_cost_per_accepted_task_is_the_whole_cost_by_accepted_tasks():
    sheet = make_sheet(USES, MODELS, TABLE, accepted=4)
    assert (sheet.describe_total(), sheet.describe_per_accepted()) == ("2.00 EUR", "0.50 EUR")


def test_nothing_accepted_has_no_cost_per_task():
    assert make_sheet(USES, MODELS, TABLE, accepted=0).per_accepted is None


def test_partly_known_cost_per_task_is_at_least_what_is_known():
    sheet = make_sheet(USES, MODELS, TABLE.keep(["big"]), accepted=4)
    assert sheet.per_accepted is None
    assert sheet.describe_per_accepted() == "at least 0.50 EUR"
    assert sheet.describe_total() == "at least 2.00 EUR, 30 calls of unknown price"


def test_seats_stand_in_their_usual_order():
    assert [seat.role for seat in make_sheet(USES, MODELS, TABLE, 1).seats] == ["weak", "judge"]


def test_unknown_amounts_are_null_in_json_and_not_zero():
    described = make_sheet(USES, MODELS, TABLE.keep(["big"]), 1).describe()
    assert described["amount"] is None
    assert described["at_least"] == 2.0
    assert described["seats"]["weak"]["amount"] is None
