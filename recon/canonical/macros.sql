-- macros: the few words that mapping expressions may use beside DuckDB's own. Not temporary, so that
--         every connection to the database that holds them has them.
--
-- catalog_norm(text)       catalogue number for comparison: upper case, letters and digits only, no leading zeros
-- extended(qty, price)     quantity times price in cents, half away from zero; wide enough not to overflow
-- age(later, earlier)      DuckDB's own, without its form of one moment, which counts from today: a night run again
--                          must be the same
create or replace macro catalog_norm(number) as (
    ltrim(regexp_replace(upper(number), '[^A-Z0-9]', '', 'g'), '0')
);
create or replace macro extended(qty, price) as (
    round(cast(qty as decimal(38, 6)) * cast(price as decimal(18, 6)), 2)
);
create or replace macro age(later, earlier) as (
    system.main.age(later, earlier)
);
