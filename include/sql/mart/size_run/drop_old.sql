-- rows of days before :before leave; the newest day stays, however old it is
DELETE FROM mart.size_run
WHERE run_date < :before
    AND run_date < (SELECT MAX(newest.run_date) FROM mart.size_run AS newest);
