-- left_after_transfer: units of use (U) and of charges (C) that no match and no wrong account explains.
--
-- grain     side, line_no
-- reads     left_after_code, hint_account
-- through   left_over
-- params    none
-- money     none: charge units
-- rule      What a repair explains is open no more. (Usage and charge 1, step 5.)
select
    side,
    line_no,
    units,
    true as is_before
from left_after_code
union all
select
    'U' as side,
    use_no as line_no,
    units,
    false as is_before
from hint_account
union all
select
    'C' as side,
    charge_no as line_no,
    units,
    false as is_before
from hint_account
