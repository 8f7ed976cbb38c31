-- summary_by_bucket: exceptions that have not closed, by age, every bucket shown even when empty.
--
-- grain     currency, bucket
-- reads     exception_detail, age_bucket
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      buckets and their order are those of rule table age_bucket (three-way match 1.5)
with currencies as (
    select distinct currency from exception_detail
    where state <> 'AUTO_CLOSED'
)

select
    currencies.currency,
    age_bucket.bucket,
    age_bucket.from_days,
    count(detail.exception_key) as exceptions,
    cast(coalesce(sum(detail.held), 0) as decimal(18, 2)) as held,
    cast(coalesce(sum(detail.impact) filter (where detail.severity = 'WARN'), 0) as decimal(18, 2)) as warned,
    max(detail.age_days) as oldest_days
from currencies
cross join age_bucket
left join exception_detail as detail
    on
        currencies.currency = detail.currency
        and age_bucket.bucket = detail.bucket
        and detail.state <> 'AUTO_CLOSED'
group by currencies.currency, age_bucket.bucket, age_bucket.from_days
order by currencies.currency, age_bucket.from_days
