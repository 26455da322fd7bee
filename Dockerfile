FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /portal
COPY requirements-build.lock requirements.lock ./
RUN pip install --require-hashes -r requirements-build.lock \
 && pip install --require-hashes --no-build-isolation -r requirements.lock
COPY . .
# Collecting static files needs settings that load; these values stay in this one step.
RUN export $(python dev.py secrets) PUBLIC_URL=https://build.invalid \
      HUBSPOT_CLIENT_ID=build HUBSPOT_CLIENT_SECRET=build \
 && python manage.py collectstatic --noinput \
 && useradd --system portal && chown -R portal var
USER portal
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000"]
