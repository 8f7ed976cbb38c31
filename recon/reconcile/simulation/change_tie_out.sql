-- change_tie_out: whether lists and totals say the same, and the newest night what was published.
--
-- grain     check_no, currency
-- reads     change_total, change_by_category, change_by_supplier, counted_change, change_by_night
-- params    $as_of  DATE, the newest night
-- money     DECIMAL sums; never across currencies
-- rule      The newest night was published under other rules where the last check differs: they have changed
--           since, or the night before it was run again.
with category as (
    select
        currency,
        sum(released) as released,
        sum(leak_added) as leak_added
    from change_by_category
    group by currency
),

supplier as (
    select
        currency,
        sum(released) as released,
        sum(tolerated_added) as tolerated_added
    from change_by_supplier
    group by currency
),

listed as (
    select
        currency,
        sum(released) as released,
        sum(tolerated_added) as tolerated_added,
        sum(leak_added) as leak_added
    from counted_change
    where is_different
    group by currency
),

compared as (
    select
        1 as check_no,
        'Released, of the lines listed: held now less held then' as check_name,
        total.currency,
        coalesce(listed.released, 0) as this_side,
        total.held_before - total.held_after as that_side
    from change_total as total
    left join listed on total.currency = listed.currency
    union all
    select
        2 as check_no,
        'Released, by category and by supplier' as check_name,
        category.currency,
        category.released as this_side,
        supplier.released as that_side
    from category
    inner join supplier on category.currency = supplier.currency
    union all
    select
        3 as check_no,
        'Tolerated, of the lines listed and by supplier' as check_name,
        supplier.currency,
        coalesce(listed.tolerated_added, 0) as this_side,
        supplier.tolerated_added as that_side
    from supplier
    left join listed on supplier.currency = listed.currency
    union all
    select
        4 as check_no,
        'Leak, of the lines listed and by category' as check_name,
        category.currency,
        coalesce(listed.leak_added, 0) as this_side,
        category.leak_added as that_side
    from category
    left join listed on category.currency = listed.currency
    union all
    select
        5 as check_no,
        'Held on the newest night, replayed and as published' as check_name,
        currency,
        held_before as this_side,
        held_published as that_side
    from change_by_night
    where business_date = $as_of
)

select
    check_no,
    check_name,
    currency,
    cast(this_side as decimal(18, 2)) as this_side,
    cast(that_side as decimal(18, 2)) as that_side,
    cast(this_side - that_side as decimal(18, 2)) as difference,
    this_side = that_side as agrees
from compared
