-- exception_filed: every exception is in one queue and one ageing bucket.
--
-- grain     what, document, line
-- reads     exception, exception_code, age_bucket
-- params    none
-- money     none
-- rule      Three-way match 1.8, invariant 3: totals by code, queue and bucket foot only if no
--           exception is missing from any of them. That no key stands twice is checked of every table
--           handed in.
select
    'its code and queue are not in exception_code' as what,
    exception.exception_key as document,
    exception.code || ' ' || exception.queue as line,
    cast(1 as decimal(38, 6)) as expected,
    cast(0 as decimal(38, 6)) as found
from exception
left join exception_code
    on exception.code = exception_code.code and exception.queue = exception_code.queue
where exception_code.code is null
union all
select
    'its age is not in its bucket' as what,
    exception.exception_key as document,
    exception.bucket as line,
    cast(age_bucket.from_days as decimal(38, 6)) as expected,
    cast(exception.age_days as decimal(38, 6)) as found
from exception
left join age_bucket on exception.bucket = age_bucket.bucket
where
    age_bucket.bucket is null
    or exception.age_days < age_bucket.from_days
    or exception.age_days > age_bucket.to_days
order by all
