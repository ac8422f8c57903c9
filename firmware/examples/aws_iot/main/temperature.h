// The chip's own temperature, on chips that can measure it.
#pragma once

class Thermometer {
  public:
    Thermometer();
    Thermometer(const Thermometer&) = delete;
    Thermometer& operator=(const Thermometer&) = delete;

    // False: there is no sensor, or it does not answer.
    bool read(int& centidegrees);

  private:
    void* sensor_ = nullptr;
};
