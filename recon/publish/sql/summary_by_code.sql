-- summary_by_code: exceptions that have not closed, counted and summed by code.
--
-- grain     currency, code
-- reads     exception_detail
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      held is what holds keep back, overridden ones too; warned is what warnings are about, which
--           is not held
select
    currency,
    code,
    min(title) as title,
    min(queue) as queue,
    count(*) as exceptions,
    cast(sum(held) as decimal(18, 2)) as held,
    cast(coalesce(sum(impact) filter (where severity = 'WARN'), 0) as decimal(18, 2)) as warned,
    max(age_days) as oldest_days
from exception_detail
where state <> 'AUTO_CLOSED'
group by currency, code
order by currency asc, abs(sum(held)) desc, abs(sum(impact)) desc, code asc
