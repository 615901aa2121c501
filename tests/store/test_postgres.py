"""On PostgreSQL the gateway answers as on SQLite."""

from __future__ import annotations

import pytest

from tests.govern import test_gateway as told
from tests.govern.conftest import Shop

pytestmark = pytest.mark.postgres
SAME = (
    told.test_loading_twice_changes_nothing_and_bad_ids_are_rejected,
    told.test_nothing_is_open_until_it_is_permitted_and_a_withdrawal_holds_at_once,
    told.test_why_is_answered,
    told.test_a_token_bound_to_one_person_opens_no_other,
    told.test_roles_without_rows_have_none_and_purposes_are_not_for_everybody,
    told.test_breaking_the_glass_lifts_silence_but_no_denial,
    told.test_writing_into_another_persons_record_is_refused,
    told.test_secrets_are_kept_as_hashes_and_tokens_end,
    told.test_a_person_takes_everything_along_and_nothing_of_anybody_else,
    told.test_who_is_erased_leaves_no_byte,
    told.test_forty_thousand_people_are_decided_in_the_query,
)


@pytest.mark.parametrize("check", SAME, ids=lambda one: one.__name__)
def test_the_gateway_keeps_its_word_on_postgresql(check: object, hospital: Shop) -> None:
    check(hospital)  # type: ignore[operator]
