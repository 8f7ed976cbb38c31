-- match_item: fourth pass of the match: use and charge of one item and code.
--
-- grain     taker_no, charge_no
-- reads     left_after_lot, used, charge_known
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      One account, item and code. How units are then matched, overlap says. (Usage and charge 1, step 4 (d).)
select
    'U' as side,
    used.use_no as line_no,
    used.used_at as service_at,
    used.account_no as key_1,
    used.item_id as key_2,
    used.cdm_code as key_3,
    open.units
from left_after_lot as open
inner join used on open.line_no = used.use_no
where open.side = 'U'
union all
select
    'C' as side,
    charge.charge_no as line_no,
    charge.service_at,
    charge.account_no as key_1,
    charge.item_id as key_2,
    charge.cdm_code as key_3,
    open.units
from left_after_lot as open
inner join charge_known as charge on open.line_no = charge.charge_no
where open.side = 'C'
