-- match_serial: second pass of the match: use and charge of one serial number.
--
-- grain     taker_no, charge_no
-- reads     left_after_order, used, charge_known
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      One account and serial number, whatever the codes: a serial number is one device. How units are then
--           matched, overlap says. (Usage and charge 1, step 4 (b).)
select
    'U' as side,
    used.use_no as line_no,
    used.used_at as service_at,
    used.account_no as key_1,
    used.serial_key as key_2,
    0 as key_3,
    open.units
from left_after_order as open
inner join used on open.line_no = used.use_no
where open.side = 'U'
union all
select
    'C' as side,
    charge.charge_no as line_no,
    charge.service_at,
    charge.account_no as key_1,
    charge.serial_key as key_2,
    0 as key_3,
    open.units
from left_after_order as open
inner join charge_known as charge on open.line_no = charge.charge_no
where open.side = 'C'
