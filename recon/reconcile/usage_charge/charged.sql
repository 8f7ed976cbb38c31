-- charged: charges in force: what was charged (units), and what credits have left of it (net_units).
--
-- grain     charge_no
-- reads     charge_known, credited
-- held      no
-- params    none
-- money     prices as in charge_known
-- rule      Credits themselves are not here: what they took is taken off the charges. (Usage and charge 1, steps 1 and
--           2.)
select
    known.*,
    cast(known.units - coalesce(credited.units, 0) as decimal(18, 6)) as net_units
from charge_known as known
left join credited on known.charge_no = credited.charge_no
where not known.is_credit
