-- held_by_code: what open holds keep back, by rule.
--
-- grain     code, currency
-- reads     exception
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      largest first, whatever the sign
select
    code,
    currency,
    cast(sum(impact) as decimal(18, 2)) as held,
    money_text(cast(sum(impact) as decimal(18, 2))) || ' ' || currency as held_text
from exception
where hold and state <> 'AUTO_CLOSED'
group by code, currency
order by abs(sum(impact)) desc, code asc, currency asc
