-- line_differing: the lines that are not exactly what was agreed; all others are supported whole.
--
-- grain     invoice_id, line_no
-- reads     matched_line, line_region, contract_in_force
-- params    none
-- money     prices compared by cross-multiplication
-- rule      A line is here if its price, its quantity or its stated amount differs, or if the contract has another
--           price; of a credit, the stated amount alone. What agrees in all of them, as most lines do, is judged by no
--           rule. (Specification 1.2 step 9.)
select
    invoice_id,
    line_no
from matched_line
where code is null and (residual <> 0 or (not is_credit and not is_order_price))
union
select
    invoice_id,
    line_no
from line_region
where b > 0 or c > 0 or d > 0
union
select
    invoice_id,
    line_no
from contract_in_force
where is_below_billed
