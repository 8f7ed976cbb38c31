-- matched: every use and charge that support each other, how many units, and which pass found it.
--
-- grain     use_no, charge_no, match_pass
-- reads     match_order, match_serial, match_lot, match_item, match_day, match_code
-- params    none
-- money     none: charge units
-- rule      The six passes together, strongest first: a order, b serial, c lot, d item, e day, f code. (Usage and
--           charge 1, step 4.)
select
    taker_no as use_no,
    charge_no,
    'a' as match_pass,
    units
from match_order
union all
select
    taker_no as use_no,
    charge_no,
    'b' as match_pass,
    units
from match_serial
union all
select
    taker_no as use_no,
    charge_no,
    'c' as match_pass,
    units
from match_lot
union all
select
    taker_no as use_no,
    charge_no,
    'd' as match_pass,
    units
from match_item
union all
select
    taker_no as use_no,
    charge_no,
    'e' as match_pass,
    units
from match_day
union all
select
    taker_no as use_no,
    charge_no,
    'f' as match_pass,
    units
from match_code
