-- tie_out: do the sheets add up to the documents, and to each other?
--
-- grain     currency, check_no
-- reads     line_detail, exception_detail, summary_by_code, summary_by_supplier, summary_by_bucket
-- params    none
-- money     DECIMAL sums; never across currencies
-- rule      each check sets two totals reached on different ways beside each other; they agree to
--           the cent or the night is red. A header that does not add up is held apart from any
--           line (three-way match 1.8, 3), so it is shown and not compared
with line_total as (
    select
        currency,
        sum(billed) as billed,
        sum(amount) as amount,
        sum(supported + tolerated + held + routed) as parts,
        sum(held) as held,
        count(*) filter (where supported + tolerated + held + routed <> amount) as lines_off
    from line_detail
    group by currency
),

exception_total as (
    select
        currency,
        sum(held) as held,
        sum(held) filter (where code <> 'INVOICE_OUT_OF_BALANCE') as held_on_lines,
        sum(held) filter (where code = 'INVOICE_OUT_OF_BALANCE') as held_on_invoices
    from exception_detail
    where state <> 'AUTO_CLOSED'
    group by currency
),

by_code as (
    select
        currency,
        sum(held) as held
    from summary_by_code
    group by currency
),

by_supplier as (
    select
        currency,
        sum(held) as held
    from summary_by_supplier
    group by currency
),

by_bucket as (
    select
        currency,
        sum(held) as held
    from summary_by_bucket
    group by currency
),

currencies as (
    select currency from line_total
    union distinct
    select currency from exception_total
),

compared as (
    select
        comparison.check_no,
        comparison.check_name,
        currencies.currency,
        case comparison.check_no
            when 1 then line_total.billed
            when 2 then line_total.parts
            when 3 then line_total.lines_off
            when 4 then exception_total.held_on_lines
            when 5 then by_code.held
            when 6 then by_supplier.held
            when 7 then by_bucket.held
            when 8 then exception_total.held_on_invoices
        end as this_side,
        case
            when comparison.check_no in (1, 2) then line_total.amount
            when comparison.check_no = 3 then 0
            when comparison.check_no = 4 then line_total.held
            else exception_total.held
        end as that_side
    from currencies
    cross join (
        values
        (1, 'Billed on the documents = amounts accounted for'),
        (2, 'Supported + tolerated + held + routed = amount billed'),
        (3, 'Invoice lines whose own parts do not add up'),
        (4, 'Held by the exceptions listed = held on the invoice lines'),
        (5, 'Held by rule = held by the exceptions listed'),
        (6, 'Held by supplier = held by the exceptions listed'),
        (7, 'Held by age = held by the exceptions listed'),
        (8, 'Held on whole invoices that do not add up (apart from the lines above)')
    ) as comparison (check_no, check_name)
    left join line_total on currencies.currency = line_total.currency
    left join exception_total on currencies.currency = exception_total.currency
    left join by_code on currencies.currency = by_code.currency
    left join by_supplier on currencies.currency = by_supplier.currency
    left join by_bucket on currencies.currency = by_bucket.currency
)

select
    check_no,
    check_name,
    currency,
    cast(coalesce(this_side, 0) as decimal(18, 2)) as this_side,
    case when check_no < 8 then cast(coalesce(that_side, 0) as decimal(18, 2)) end as that_side,
    case
        when check_no < 8
            then cast(coalesce(this_side, 0) - coalesce(that_side, 0) as decimal(18, 2))
    end as difference,
    case when check_no < 8 then coalesce(this_side, 0) = coalesce(that_side, 0) end as agrees
from compared
where check_no < 8 or this_side is not null
order by currency, check_no
