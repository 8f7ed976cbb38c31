-- change_by_supplier_shown: the suppliers that the change is about, the largest first, the rest as one.
--
-- grain     currency, place
-- reads     change_by_supplier
-- params    $most  INTEGER, how many suppliers of a currency stand by themselves
-- money     DECIMAL sums; never across currencies
-- rule      Suppliers without a difference are left out: all they could add is 0.
with ranked as (
    select
        change_by_supplier.*,
        row_number() over (
            partition by currency
            order by abs(released) desc, abs(tolerated_added) desc, abs(leak_added) desc, supplier_id
        ) as rank_no
    from change_by_supplier
    where differing > 0
)

select
    currency,
    cast(least(rank_no, $most + 1) as integer) as place,
    min(case when rank_no <= $most then supplier_id end) as supplier_id,
    min(case when rank_no <= $most then supplier_name end) as supplier_name,
    count(*) as suppliers,
    cast(sum(holds_released) as bigint) as holds_released,
    cast(sum(holds_added) as bigint) as holds_added,
    cast(sum(released) as decimal(18, 2)) as released,
    cast(sum(tolerated_added) as decimal(18, 2)) as tolerated_added,
    cast(sum(leak_added) as decimal(18, 2)) as leak_added
from ranked
group by currency, least(rank_no, $most + 1)
