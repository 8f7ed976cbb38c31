-- summary_by_supplier: open exceptions counted and summed by supplier.
--
-- grain     currency, supplier_id
-- reads     exception_detail
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      held is what open holds keep back; warned is what open warnings are about, which is not held
select
    currency,
    supplier_id,
    min(supplier_name) as supplier_name,
    count(*) as exceptions,
    cast(sum(held) as decimal(18, 2)) as held,
    cast(coalesce(sum(impact) filter (where severity = 'WARN'), 0) as decimal(18, 2)) as warned,
    max(age_days) as oldest_days
from exception_detail
where state = 'OPEN'
group by currency, supplier_id
order by currency asc, abs(sum(held)) desc, abs(sum(impact)) desc, supplier_id asc
