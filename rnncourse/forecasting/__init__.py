"""Forecasts made where one would have stood: origins that roll, rivals, a network at every step."""

from rnncourse.forecasting.networks import EveryStep, LastSteps, fit_pieces, go_on, run_over
from rnncourse.forecasting.origins import (
    ahead,
    lagged,
    rolling_origins,
    seasonal_naive,
    useful_leads,
)
from rnncourse.forecasting.rivals import boosting, ets, quadratic, ridge, sarima
from rnncourse.forecasting.trial import Trial

__all__ = [
    "EveryStep",
    "LastSteps",
    "Trial",
    "ahead",
    "boosting",
    "ets",
    "fit_pieces",
    "go_on",
    "lagged",
    "quadratic",
    "ridge",
    "rolling_origins",
    "run_over",
    "sarima",
    "seasonal_naive",
    "useful_leads",
]
