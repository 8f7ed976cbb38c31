-- left_after_lot: units of use (U) and of charges (C) that no pass up to the third (lot) has matched.
--
-- grain     side, line_no
-- reads     left_after_serial, match_lot
-- through   left_over
-- params    none
-- money     none: charge units
-- rule      A pass sees only what the stronger ones have left over. (Usage and charge 1, step 4.)
select
    side,
    line_no,
    units,
    true as is_before
from left_after_serial
union all
select
    'U' as side,
    taker_no as line_no,
    units,
    false as is_before
from match_lot
union all
select
    'C' as side,
    charge_no as line_no,
    units,
    false as is_before
from match_lot
