-- W2: the audiences of audiences.json; one pass over the events, one row a person.
-- {events} is the file with columns t, type, price, user_id, url, percent, email.
CREATE TEMP TABLE people AS
SELECT user_id,
    max(t) AS last_any,
    max(t) FILTER (type = 'cart') AS last_cart,
    max(t) FILTER (type = 'purchase') AS last_purchase,
    count(*) FILTER (type = 'view') AS views,
    count(*) FILTER (type = 'purchase') AS purchases,
    coalesce(sum(price) FILTER (type = 'purchase'), 0) AS spent,
    bool_or(starts_with(url, 'https://www.shop.example/c/electronics')) AS category,
    bool_or(regexp_matches(url, '/p/(sport|kids)\.[a-z]+/[0-9]*7\?utm_source=')) AS campaign,
    {times}
    coalesce(bool_or(type = 'video_progress' AND percent >= 50), false) AS video
FROM {events} GROUP BY user_id;
-- list recent
SELECT {key} FROM people WHERE last_any > {as_of} - INTERVAL 7 DAY;
-- list cart-abandoners
SELECT {key} FROM people
WHERE last_cart IS NOT NULL AND (last_purchase IS NULL OR last_purchase < last_cart);
-- list viewers
SELECT {key} FROM people WHERE views >= 3 AND purchases = 0;
-- list spenders
SELECT {key} FROM people WHERE purchases > 0 AND spent >= 100;
-- list category
SELECT {key} FROM people WHERE category;
-- list campaign
SELECT {key} FROM people WHERE campaign;
-- list cart-to-purchase
SELECT {key} FROM people WHERE last_purchase >= first_cart;
-- full cart-to-purchase
SELECT {key} FROM people
WHERE len(list_filter(carts, lambda c: len(list_filter(buys,
    lambda b: b >= c AND b <= c + INTERVAL 1 HOUR)) > 0)) > 0;
-- list lapsed
SELECT {key} FROM people WHERE last_any <= {as_of} - INTERVAL 60 DAY;
-- list video
SELECT {key} FROM people WHERE video;
-- list top-spenders
SELECT {key} FROM people WHERE purchases > 0 AND spent >= 500;
-- full top-spenders
SELECT {key} FROM (
    SELECT *, rank() OVER (ORDER BY spent DESC) AS place, count(*) OVER () AS n
    FROM people WHERE purchases > 0)
WHERE place <= (n + 9) // 10;
-- list warm
SELECT {key} FROM people
WHERE ((views >= 3 AND purchases = 0) OR category)
    AND last_any > {as_of} - INTERVAL 7 DAY AND NOT (purchases > 0 AND spent >= 100);
