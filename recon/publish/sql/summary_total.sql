-- summary_total: all exceptions of a currency that have not closed, the foot of every list of the Summary.
--
-- grain     currency
-- reads     exception_detail
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      summed from the exceptions themselves, not from the lists above it
select
    currency,
    count(*) as exceptions,
    cast(sum(held) as decimal(18, 2)) as held,
    cast(coalesce(sum(impact) filter (where severity = 'WARN'), 0) as decimal(18, 2)) as warned,
    max(age_days) as oldest_days
from exception_detail
where state <> 'AUTO_CLOSED'
group by currency
order by currency
