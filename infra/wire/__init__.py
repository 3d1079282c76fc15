"""Shared by servers and clients: conversion of messages and enums, errors as statuses, connections."""
