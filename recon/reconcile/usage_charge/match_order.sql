-- match_order: first pass of the match: the charge names the record of use as its order.
--
-- grain     taker_no, charge_no
-- reads     used, charged
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      One account; the order number of the charge is the record of use. What a charge names is the strongest
--           evidence there is. How units are then matched, overlap says. (Usage and charge 1, step 4 (a).)
select
    'U' as side,
    use_no as line_no,
    used_at as service_at,
    account_no as key_1,
    usage_id as key_2,
    0 as key_3,
    units
from used
where units > 0
union all
select
    'C' as side,
    charge_no as line_no,
    service_at,
    account_no as key_1,
    order_id as key_2,
    0 as key_3,
    net_units as units
from charged
where net_units > 0
