-- left_open: units of use (U) and of charges (C) that no match and no repair explains.
--
-- grain     side, line_no
-- reads     left_after_transfer, hint_code
-- through   left_over
-- params    none
-- money     none: charge units
-- rule      What a repair explains is open no more; what is left here gets a code of its own. (Usage and charge 1,
--           steps 5 and 6.)
select
    side,
    line_no,
    units,
    true as is_before
from left_after_transfer
union all
select
    'U' as side,
    use_no as line_no,
    units,
    false as is_before
from hint_code
union all
select
    'C' as side,
    charge_no as line_no,
    units,
    false as is_before
from hint_code
