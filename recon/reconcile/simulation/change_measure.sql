-- change_measure: the totals as a list: now, under the changed rules, and the difference.
--
-- grain     currency, measure_no
-- reads     change_total, counted_change
-- params    none
-- money     DECIMAL sums; where is_count, numbers of holds; difference = after - before
-- rule      What is no longer held is paid: as tolerated, or as supported where a freight cap was raised.
--           A line whose parts are rounded otherwise moves single cents to or from supported.
with gross as (
    select
        currency,
        sum(case when check_name = 'PRICE' and not has_contract then tolerated_added else 0 end) as uncompared,
        sum(case when finding_before = 'UOM_SUSPECT' then tolerated_added else 0 end) as other_units,
        sum(case when abs(held_after) < abs(held_before) then held_after - held_before else 0 end) as freed,
        sum(case when abs(held_after) < abs(held_before) then 0 else held_after - held_before end) as newly_held
    from counted_change
    group by currency
),

listed as (
    select
        currency,
        1 as measure_no,
        'Holds' as measure,
        false as is_part,
        true as is_count,
        cast(holds_before as decimal(18, 2)) as before,
        cast(holds_after as decimal(18, 2)) as after,
        cast(holds_after - holds_before as decimal(18, 2)) as difference
    from change_total
    union all
    select
        currency,
        2 as measure_no,
        'released' as measure,
        true as is_part,
        true as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(-holds_released as decimal(18, 2)) as difference
    from change_total
    union all
    select
        currency,
        3 as measure_no,
        'new' as measure,
        true as is_part,
        true as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(holds_added as decimal(18, 2)) as difference
    from change_total
    union all
    select
        currency,
        4 as measure_no,
        'Held' as measure,
        false as is_part,
        false as is_count,
        held_before as before,
        held_after as after,
        cast(held_after - held_before as decimal(18, 2)) as difference
    from change_total
    union all
    select
        currency,
        5 as measure_no,
        'released' as measure,
        true as is_part,
        false as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(freed as decimal(18, 2)) as difference
    from gross
    union all
    select
        currency,
        6 as measure_no,
        'newly held' as measure,
        true as is_part,
        false as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(newly_held as decimal(18, 2)) as difference
    from gross
    union all
    select
        currency,
        7 as measure_no,
        'Tolerated: paid although it differs' as measure,
        false as is_part,
        false as is_count,
        tolerated_before as before,
        tolerated_after as after,
        tolerated_added as difference
    from change_total
    union all
    select
        currency,
        8 as measure_no,
        'prices without a contract to compare with' as measure,
        true as is_part,
        false as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(uncompared as decimal(18, 2)) as difference
    from gross
    union all
    select
        currency,
        9 as measure_no,
        'prices that look like another unit (UOM_SUSPECT)' as measure,
        true as is_part,
        false as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(other_units as decimal(18, 2)) as difference
    from gross
    union all
    select
        currency,
        10 as measure_no,
        'Supported: within a freight cap, cents of rounding' as measure,
        false as is_part,
        false as is_count,
        cast(null as decimal(18, 2)) as before,
        cast(null as decimal(18, 2)) as after,
        cast(released - tolerated_added as decimal(18, 2)) as difference
    from change_total
    union all
    select
        currency,
        11 as measure_no,
        'Leak: paid above contract' as measure,
        false as is_part,
        false as is_count,
        leak_before as before,
        leak_after as after,
        leak_added as difference
    from change_total
)

select
    currency,
    measure_no,
    measure,
    is_part,
    is_count,
    before,
    after,
    difference
from listed
