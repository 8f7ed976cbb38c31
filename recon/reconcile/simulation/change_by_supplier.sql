-- change_by_supplier: what the changed rules do, by supplier.
--
-- grain     currency, supplier_id
-- reads     counted_change
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      A hold is one check that holds dollars of one line. Released: held by the rules as they are and
--           not at all by the changed ones; added: the other way round. released = held_before - held_after.
select
    currency,
    supplier_id,
    min(supplier_name) as supplier_name,
    count(case when is_different then 1 end) as differing,
    count(case when held_before <> 0 then 1 end) as holds_before,
    count(case when held_after <> 0 then 1 end) as holds_after,
    count(case when held_before <> 0 and held_after = 0 then 1 end) as holds_released,
    count(case when held_before = 0 and held_after <> 0 then 1 end) as holds_added,
    cast(sum(held_before) as decimal(18, 2)) as held_before,
    cast(sum(held_after) as decimal(18, 2)) as held_after,
    cast(sum(held_before - held_after) as decimal(18, 2)) as released,
    cast(sum(tolerated_before) as decimal(18, 2)) as tolerated_before,
    cast(sum(tolerated_after) as decimal(18, 2)) as tolerated_after,
    cast(sum(tolerated_after - tolerated_before) as decimal(18, 2)) as tolerated_added,
    cast(sum(leak_before) as decimal(18, 2)) as leak_before,
    cast(sum(leak_after) as decimal(18, 2)) as leak_after,
    cast(sum(leak_after - leak_before) as decimal(18, 2)) as leak_added
from counted_change
group by currency, supplier_id
