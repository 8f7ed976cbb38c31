-- rni: goods received and not invoiced yet, by receipt line, at the order's price: a result table.
--
-- grain     receipt_key
-- reads     supply, allocated, group_balance, match_group, age_bucket
-- params    $as_of  DATE, ages are counted to it
-- money     value rounded once to cents, half away from zero
-- rule      What a receipt offers less what invoice lines took of it. Where all that was offered is billed and nothing
--           is short, nothing is left: such groups are passed over. (Specification 1.2 step 11; 1.5; 1.8 invariant 4.)
with left_over as (
    select supply.*
    from supply
    inner join group_balance as balance on supply.group_no = balance.group_no
    where balance.is_left_over
),

taken as (
    select
        allocated.receipt_key,
        cast(sum(allocated.qty) as decimal(38, 6)) as qty
    from allocated
    inner join left_over on allocated.receipt_key = left_over.receipt_key
    group by allocated.receipt_key
),

open_supply as (
    select
        supply.receipt_key,
        supply.receipt_id,
        supply.receipt_line_no,
        supply.group_no,
        supply.po_id,
        supply.po_line_no,
        supply.supply_date,
        cast((supply.offered - coalesce(taken.qty, 0)) * 1000000 as hugeint) as left_over,
        cast(date_diff('day', supply.supply_date, $as_of) as integer) as age_days
    from left_over as supply
    left join taken on supply.receipt_key = taken.receipt_key
    where supply.offered > coalesce(taken.qty, 0)
)

select
    open_supply.receipt_key,
    open_supply.receipt_id,
    open_supply.receipt_line_no,
    grp.facility_id,
    grp.supplier_id,
    open_supply.po_id,
    open_supply.po_line_no,
    grp.item_id,
    open_supply.supply_date as receipt_date,
    cast(
        cast(
            open_supply.left_over // case when grp.match_basis = 'AMOUNT' then 1 else grp.scale end
            as decimal(32, 0)
        ) * 0.000001
        as decimal(18, 6)
    ) as qty,
    case
        when grp.match_basis <> 'AMOUNT'
            then
                cast(
                    cast(
                        cast(grp.price * 1000000 as hugeint) * grp.scale // grp.price_shares
                        as decimal(32, 0)
                    ) * 0.000001
                    as decimal(18, 6)
                )
    end as price,
    cast(
        cast(
            case
                when grp.match_basis = 'AMOUNT' then (open_supply.left_over + 5000) // 10000
                else
                    (
                        open_supply.left_over * cast(grp.price * 1000000 as hugeint) * 2
                        + cast(grp.price_shares as hugeint) * case when grp.price < 0 then -1 else 1 end * 10000000000
                    ) // (cast(grp.price_shares as hugeint) * 20000000000)
            end
            as decimal(32, 0)
        ) * 0.01
        as decimal(18, 2)
    ) as value,
    grp.currency,
    open_supply.age_days,
    coalesce(age_bucket.bucket, '') as bucket
from open_supply
inner join match_group as grp on open_supply.group_no = grp.group_no
left join age_bucket
    on
        age_bucket.from_days <= open_supply.age_days
        and (age_bucket.to_days is null or age_bucket.to_days >= open_supply.age_days)
