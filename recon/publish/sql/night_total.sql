-- night_total: what a person at the terminal is told of a night, one row per currency.
--
-- grain     currency
-- reads     invoice_line_result, file_control, quarantine
-- params    none
-- money     sums of DECIMAL; currencies are never added up
-- rule      matched = lines that hold nothing; documents are the files whose records are counted, refused
--           ones too, a duplicate not; quarantined is what either layer refused: a record that
--           cannot be read, or a row that cannot be mapped
with files as (
    select
        count(case when state <> 'DUPLICATE' then 1 end) as documents,
        coalesce(sum(records_in), 0) as records_in,
        (select coalesce(sum(records), 0) from quarantine) as quarantined
    from file_control
),

billed as (
    select
        currency,
        count(*) as line_count,
        count(case when held = 0 then 1 end) as matched,
        sum(supported) as supported,
        sum(tolerated) as tolerated,
        sum(held) as held,
        sum(routed) as routed
    from invoice_line_result
    group by currency
)

select
    billed.currency,
    files.documents,
    cast(files.records_in as bigint) as records_in,
    cast(files.quarantined as bigint) as quarantined,
    coalesce(billed.line_count, 0) as line_count,
    coalesce(billed.matched, 0) as matched,
    cast(coalesce(billed.supported, 0) as decimal(18, 2)) as supported,
    cast(coalesce(billed.tolerated, 0) as decimal(18, 2)) as tolerated,
    cast(coalesce(billed.held, 0) as decimal(18, 2)) as held,
    cast(coalesce(billed.routed, 0) as decimal(18, 2)) as routed
from files
left join billed on true
order by all
