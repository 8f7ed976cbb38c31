-- demand: what each invoice line asks receipts to support: what it bills, less what credits took of it.
--
-- grain     invoice_id, line_no
-- reads     matched_line, line_netted
-- held      no
-- params    none
-- money     `need` is dollars on an amount basis, shares otherwise
-- rule      Lines of a match group without credits ask for all that they bill; the others for what line_netted leaves
--           of it. (Specification 1.2 steps 4 and 5.)
select
    line.group_no,
    line.match_type,
    line.ordered,
    line.invoice_id,
    line.line_no,
    line.is_paid,
    line.invoice_date,
    upper(trim(line.cites)) as cites,
    line.is_lot_bound,
    line.measure as billed,
    coalesce(netted.need, line.measure) as need
from matched_line as line
left join line_netted as netted on line.invoice_id = netted.invoice_id and line.line_no = netted.line_no
where line.code is null and not line.is_credit
