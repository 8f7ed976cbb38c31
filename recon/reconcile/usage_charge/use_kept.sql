-- use_kept: records of use of which later records have left something.
--
-- grain     use_no
-- reads     use_known, use_netted
-- held      no
-- params    none
-- money     none; taken in base units
-- rule      A record that later ones took back whole is no use. (Usage and charge 1, step 3.)
select
    known.*,
    cast(coalesce(netted.base, 0) as decimal(18, 6)) as taken
from use_known as known
left join use_netted as netted on known.use_no = netted.use_no
where
    known.qty > 0
    and (
        netted.base is null
        or netted.parts
        < cast(cast(known.qty as decimal(19, 6)) * 1000000 as hugeint) * known.num * netted.scale // known.den
    )
