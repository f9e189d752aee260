from deepi2i_tf.training.timer import StepTimer


def test_seconds_pauses_and_pace():
    time = [100.0]
    clock = StepTimer(
        90.0, seconds=5.0, stepping_seconds=2.0, now=lambda: time[0]
    )
    clock.start_interval(10)
    time[0] += 4.0
    with clock.pause():
        time[0] += 6.0
    assert clock.seconds() == 10.0 + 5.0 + 10.0
    assert clock.stepping_seconds() == 2.0 + 4.0
    assert clock.end_interval(18) == 2.0
    time[0] += 1.0
    assert clock.end_interval(19) == 1.0
