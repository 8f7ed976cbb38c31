-- change_by_night: each night as it stood: what was held, and what would have been.
--
-- grain     business_date, currency
-- reads     stake_change, exception
-- params    $as_of  DATE, the business date
-- money     DECIMAL sums; never across currencies
-- rule      A hold that stands for five nights is in each of the five: nights do not add up. Beside it what
--           the night published as held; it differs where rules have changed since.
with replayed as (
    select
        currency,
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
    from stake_change
    group by currency
),

published as (
    select
        currency,
        cast(sum(impact) as decimal(18, 2)) as held
    from exception
    where hold and state <> 'AUTO_CLOSED'
    group by currency
)

select
    cast($as_of as date) as business_date,
    replayed.*,
    coalesce(published.held, cast(0 as decimal(18, 2))) as held_published
from replayed
left join published on replayed.currency = published.currency
