-- left_after_order: units of use (U) and of charges (C) that no pass up to the first (order) has matched.
--
-- grain     side, line_no
-- reads     used, charged, match_order
-- through   left_over
-- params    none
-- money     none: charge units
-- rule      A pass sees only what the stronger ones have left over. (Usage and charge 1, step 4.)
select
    'U' as side,
    use_no as line_no,
    units,
    true as is_before
from used
where units > 0
union all
select
    'C' as side,
    charge_no as line_no,
    net_units as units,
    true as is_before
from charged
where net_units > 0
union all
select
    'U' as side,
    taker_no as line_no,
    units,
    false as is_before
from match_order
union all
select
    'C' as side,
    charge_no as line_no,
    units,
    false as is_before
from match_order
